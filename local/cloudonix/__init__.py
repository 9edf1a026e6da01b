"""A Cloudonix on this machine: `rest` is its API, `cxml` reads documents, `application` carries them out on a call."""

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
