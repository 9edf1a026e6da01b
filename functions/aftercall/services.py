"""What the aftercall function is given."""

from dataclasses import dataclass

from offhook.runs.ending.callbacks import CallbackDelivery


@dataclass(frozen=True, slots=True, kw_only=True)
class AftercallServices:
    """Enough to deliver the callbacks of finished runs."""

    callbacks: CallbackDelivery
