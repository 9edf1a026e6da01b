"""Polly as an engine of this process."""

from concurrent.futures import ThreadPoolExecutor

from offhook.settings import Settings
from streamer.speech.aws_session import new_session, region_of
from streamer.speech.polly.client import Polly, make_client
from streamer.speech.polly.synthesiser import PollySynthesiser


def make_synthesiser(settings: Settings) -> PollySynthesiser:
    """Return the synthesiser, with a thread and a connection for each call; raise NotConfiguredError."""
    session = new_session()
    client = make_client(session, region=region_of(session), connections=settings.max_calls)
    threads = ThreadPoolExecutor(settings.max_calls, thread_name_prefix="polly")
    return PollySynthesiser(Polly(client, threads))
