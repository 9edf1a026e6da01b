"""What the runs function is given."""

from dataclasses import dataclass

from functions.http.pagination import Cursors
from functions.http.services import HttpServices
from offhook.agents.ports import AgentRepository
from offhook.runs.ports import EventLog, MediaStore, RunRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsServices(HttpServices):
    """Enough to show runs, their logs and links to what was recorded."""

    agents: AgentRepository
    runs: RunRepository
    events: EventLog
    media: MediaStore
    cursors: Cursors
