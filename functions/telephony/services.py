"""What the telephony function is given."""

from dataclasses import dataclass

from offhook.clock import Clock
from offhook.runs.ports import RunRepository
from offhook.telephony.links import CarrierLinks


@dataclass(frozen=True, slots=True, kw_only=True)
class TelephonyServices:
    """Enough to answer the carrier about a run that its token names."""

    runs: RunRepository
    links: CarrierLinks
    clock: Clock
