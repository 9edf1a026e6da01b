"""A Cloudonix on this machine: its REST API, its CXML interpreter, its media sockets, and the people it calls."""

from local.cloudonix.dial import CarrierEvent, Dial, DialDirection, SessionStatus
from local.cloudonix.domain import DomainProfile
from local.cloudonix.session import Session
from local.cloudonix.simulator import CloudonixSimulator

__all__ = [
    "CarrierEvent",
    "CloudonixSimulator",
    "Dial",
    "DialDirection",
    "DomainProfile",
    "Session",
    "SessionStatus",
]
