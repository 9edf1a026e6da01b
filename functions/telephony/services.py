"""What the telephony function is given."""

from dataclasses import dataclass

from functions.http.pagination import Cursors
from functions.http.services import HttpServices
from offhook.agents.ports import AgentRepository
from offhook.runs.carrier.announced import AnnouncedCalls
from offhook.runs.carrier.dialect import Dialects
from offhook.runs.carrier.incoming import CallTaker
from offhook.runs.ending.ender import RunEnder
from offhook.runs.ports import RunRepository
from offhook.telephony.links import CarrierLinks
from offhook.telephony.ports import Carrier, SecretBox, TelephonyRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class TelephonyServices(HttpServices):
    """Enough to manage configurations and numbers, and to answer the carrier about calls and their runs."""

    agents: AgentRepository
    telephony: TelephonyRepository
    secret_box: SecretBox
    carrier: Carrier
    dialects: Dialects
    cursors: Cursors
    runs: RunRepository
    ender: RunEnder
    taker: CallTaker
    links: CarrierLinks

    @property
    def announced(self) -> AnnouncedCalls:
        """What takes the calls that carriers announce."""
        return AnnouncedCalls(
            runs=self.runs,
            agents=self.agents,
            telephony=self.telephony,
            secret_box=self.secret_box,
            carrier=self.carrier,
            taker=self.taker,
        )
