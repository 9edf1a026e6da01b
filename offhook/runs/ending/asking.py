"""Asking for the review of a call that has been over for long: its quality checks are made anew."""

from dataclasses import dataclass, replace
from datetime import datetime

from offhook.agents.afterwards import checks_of
from offhook.agents.ports import AgentRepository
from offhook.errors import ConflictError
from offhook.runs.ledger import Ledgers
from offhook.runs.model import Review, Run
from offhook.runs.ports import RunRepository
from offhook.runs.queues import WorkQueue


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviews:
    """Has finished runs reviewed again; whoever asks twice while that is under way has it done once."""

    runs: RunRepository
    agents: AgentRepository
    ledgers: Ledgers
    aftercalls: WorkQueue

    def ask(self, run: Run, now: datetime) -> Run:
        """Have the checks of the agent's published version judge the call, or those of its own version.

        Returns the run as it is then. Raises ConflictError `run-state` for a live run, `no-checks` where there are none.
        """
        if not run.status.is_final:
            raise ConflictError(
                f"The run is {run.status.value}: ask again when it is over.", code="run-state"
            )
        if run.has_open_review:
            return run
        asked = replace(run, review=Review(asked_at=now, version=self._version(run)))
        # What its end still owes its organization is done before its review forgets it, if whoever ended it was lost.
        self.ledgers.release(run, now)
        # Before the row, so that what is asked for is found by the reaper if its message is lost.
        self.ledgers.owe(run)
        try:
            self.runs.note_review(run, asked)
        except ConflictError:
            return self.runs.get(run.organization_id, run.id)
        self.aftercalls.send(run.id)
        return asked

    def _version(self, run: Run) -> int:
        published = self.agents.get(run.organization_id, run.agent_uuid).published_version
        for number in dict.fromkeys(each for each in (published, run.version) if each is not None):
            if checks_of(self.agents.get_version(run.agent_uuid, number).workflow_definition):
                return number
        raise ConflictError(
            "Neither the agent's published version nor the call's own has a qa node that is switched on: publish one.",
            code="no-checks",
        )
