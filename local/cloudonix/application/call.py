"""An answered call, as the verbs of its voice application see it."""

from dataclasses import dataclass

from local.cloudonix.callbacks import Callbacks
from local.cloudonix.dial import CallRecord, Dial, Surroundings
from local.cloudonix.phones.phone import Phone
from local.people.scripts import CallerScript


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Who talks on what, and what the carrier has around it."""

    dial: Dial
    record: CallRecord
    phone: Phone
    script: CallerScript
    around: Surroundings
    callbacks: Callbacks
