"""What the runs function is given."""

from dataclasses import dataclass

from functions.http.pagination import Cursors
from functions.http.services import HttpServices
from offhook.agents.ports import AgentRepository
from offhook.organizations.audit import AuditLog
from offhook.runs.ending.ender import RunEnder
from offhook.runs.ports import EventLog, MediaStore, RunRepository
from offhook.telephony.ports import Carrier, SecretBox, TelephonyRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsServices(HttpServices):
    """Enough to show, end and delete runs, with their logs and what was recorded."""

    agents: AgentRepository
    telephony: TelephonyRepository
    secret_box: SecretBox
    carrier: Carrier
    runs: RunRepository
    events: EventLog
    media: MediaStore
    audit: AuditLog
    ender: RunEnder
    cursors: Cursors
