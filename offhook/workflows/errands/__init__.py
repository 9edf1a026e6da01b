"""Errands: what a node does beside talking."""

from offhook.workflows.errands.capture import Capture, CaptureType
from offhook.workflows.errands.errand import Errand
from offhook.workflows.errands.gather import Gather
from offhook.workflows.errands.handoff import Handoff
from offhook.workflows.errands.send_digits import SendDigits
from offhook.workflows.errands.transfer import Transfer

ERRANDS: tuple[type[Errand], ...] = (Transfer, SendDigits, Gather, Capture, Handoff)
"""All of them; their faults are told in this order."""

__all__ = [
    "ERRANDS",
    "Capture",
    "CaptureType",
    "Errand",
    "Gather",
    "Handoff",
    "SendDigits",
    "Transfer",
]
