"""Polly as an engine of this process."""

from concurrent.futures import ThreadPoolExecutor

from offhook.agents.quotas import Quotas, polly_quotas
from offhook.settings import Settings
from streamer.speech.aws_session import new_session, region_of
from streamer.speech.polly.client import Polly, make_client
from streamer.speech.polly.synthesiser import PollySynthesiser
from streamer.speech.shared_rate import SharedRate

_QUOTA_THREADS = 2


def make_synthesiser(settings: Settings, quotas: Quotas | None = None) -> PollySynthesiser:
    """Return the synthesiser, with a thread and a connection for each call; raise NotConfiguredError."""
    session = new_session()
    client = make_client(session, region=region_of(session), connections=settings.max_calls)
    threads = ThreadPoolExecutor(settings.max_calls, thread_name_prefix="polly")
    asking = ThreadPoolExecutor(_QUOTA_THREADS, thread_name_prefix="quotas")
    rates = {
        engine: SharedRate(quota, quotas, asking)
        for engine, quota in polly_quotas(settings.polly_quotas).items()
        if quotas is not None
    }
    return PollySynthesiser(Polly(client, threads), rates)
