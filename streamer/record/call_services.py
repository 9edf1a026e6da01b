"""What phone calls need from the rest of the house, chosen by the entrypoint."""

from dataclasses import dataclass

from offhook.agents.ports import AgentRepository
from offhook.clock import Clock
from offhook.knowledge.ports import KnowledgeRepository
from offhook.telephony.links import CarrierLinks
from offhook.telephony.ports import SecretBox, TelephonyRepository
from offhook.tools.ports import ToolRepository
from streamer.record.blocking import Archive, CarrierDesk
from streamer.record.possession import RunKeeper
from streamer.record.pre_call_fetch import PreCallFetch
from streamer.record.shelf import Shelf
from streamer.record.threads import Threads
from streamer.sockets.handshake import HANDSHAKE_TIMEOUT_S
from streamer.tools.catalogue import Catalogue

RETURN_LIMIT_S = 8
"""How long a run waits for a stream that broke off: the carrier's Redirect may bring it back, here or to another task."""

CHECK_LIMIT_S = 5.0
"""How long a socket waits for its session's check when the carrier's rate limit holds that back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallServices:
    """What phone calls need from the house; each part of a call is given its own of them."""

    keeper: RunKeeper
    agents: AgentRepository
    telephony: TelephonyRepository
    tools: ToolRepository
    knowledge: KnowledgeRepository
    catalogue: Catalogue
    secret_box: SecretBox
    carrier: CarrierDesk
    archive: Archive
    shelf: Shelf
    pre_call_fetch: PreCallFetch
    links: CarrierLinks
    clock: Clock
    store_threads: Threads
    mailbox_threads: Threads
    command_threads: Threads
    session_threads: Threads
    gate_threads: Threads
    place_limit_s: float
    handshake_limit_s: float = HANDSHAKE_TIMEOUT_S
    return_limit_s: int = RETURN_LIMIT_S

    def close(self) -> None:
        """Take no more work; what is under way ends by itself."""
        for each in (
            self.store_threads,
            self.mailbox_threads,
            self.command_threads,
            self.session_threads,
            self.gate_threads,
            self.archive,
            self.carrier,
            self.shelf,
            self.catalogue,
            self.pre_call_fetch,
        ):
            each.close()
