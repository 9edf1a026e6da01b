"""Beginning a session: a run whose caller is to come in a browser, admitted as any call is."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from offhook.agents.executable import Executable
from offhook.agents.model import AgentDeployment
from offhook.errors import InvalidInputError
from offhook.ids import run_name
from offhook.json_types import JsonObject
from offhook.organizations.model import ApiKey
from offhook.organizations.ports import OrganizationRepository
from offhook.runs.ledger import Admission
from offhook.runs.making import run_of
from offhook.runs.model import WEB, Direction, Run, RunStatus, RunTelephony, SessionTerms
from offhook.runs.placing.creating import RunCreator
from offhook.runs.placing.orders import RunNumber

JOIN_LIMIT = timedelta(minutes=5)
"""Who has not begun to talk by then finds the session expired: as long as its first token opens the socket."""

MAX_METADATA_BYTES = 8 * 1024
"""So that a list of 200 sessions fits into one reply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOrder:
    """What somebody asks for: a session of an agent as it is deployed, with what it shall know and what is shown of it."""

    key: ApiKey
    executable: Executable
    deployment: AgentDeployment
    metadata: JsonObject = field(default_factory=dict)
    correlation_id: str | None = None
    disposition_schema_version: str | None = None
    estimated_duration_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionBeginner:
    """Begins sessions; what is refused leaves nothing behind. Blocks."""

    creator: RunCreator
    organizations: OrganizationRepository

    def begin(self, order: SessionOrder, number: RunNumber, now: datetime) -> Run:
        """Store the session's run in its place and return it.

        Raises LimitReachedError and QuotaExceededError as `admit` of the ledger does, with nothing stored.
        """
        run = _new_run(order, number.run_id, now)
        admission = Admission(
            organization_id=run.organization_id,
            run_id=run.id,
            agent_uuid=run.agent_uuid,
            limits=self.organizations.limits(run.organization_id),
            agent_limit=order.executable.most_at_once,
            key_id=order.key.id,
            estimated_seconds=order.estimated_duration_seconds or 0,
        )
        return self.creator.create(run, admission, self.creator.ender.ledgers.admit, number, now)[0]


def check_metadata(metadata: JsonObject) -> None:
    """Raise InvalidInputError unless they are small enough to be shown in every list."""
    # As replies are measured: in ASCII, in which other letters are longer.
    if len(json.dumps(metadata)) > MAX_METADATA_BYTES:
        msg = "The metadata may have at most 8 KB of JSON: send less."
        raise InvalidInputError.at("metadata", msg=msg)


def _new_run(order: SessionOrder, run_id: int, now: datetime) -> Run:
    deployment = order.deployment
    run = run_of(
        order.executable,
        run_id=run_id,
        name=run_name("WR-WEB", 4),
        # Until somebody takes its line.
        status=RunStatus.DIALING,
        direction=Direction.WEB,
        mode=WEB,
        telephony=RunTelephony(),
        given=order.metadata,
        stamps={"workflow_uuid": order.executable.agent.uuid, "api_key_id": order.key.id},
        now=now,
    )
    terms = SessionTerms(
        expires_at=now + JOIN_LIMIT,
        deployment_id=deployment.id or None,
        correlation_id=order.correlation_id,
        disposition_schema_version=order.disposition_schema_version,
        estimated_duration_seconds=order.estimated_duration_seconds,
        idle_timeout_seconds=deployment.idle_timeout_seconds,
        max_duration_seconds=deployment.max_session_duration_seconds,
        metadata=order.metadata,
    )
    return replace(run, is_draft=deployment.is_draft, session=terms)
