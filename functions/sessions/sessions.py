"""Streaming sessions: runs of either kind, begun, watched, spoken into and ended by those who know no runs."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import Query, Response

from functions.http.authentication import Caller
from functions.http.idempotency.idempotency import NewThing, some_uuid
from functions.http.idempotency.once import REPLAYED_HEADER
from functions.http.idempotency.run_numbers import run_number, some_run_id
from functions.http.listing import SortKeys, Window, Windowed, sorting
from functions.http.pagination import fitting
from functions.http.routing import Routes, delete, get, post
from functions.sessions.services import SessionsServices
from functions.sessions.session_documents import (
    InjectBody,
    InjectReply,
    SessionBody,
    SessionId,
    SessionList,
    SessionReply,
    SessionTranscript,
    TokenBody,
    TokenReply,
    TransferBody,
    TransferReply,
)
from functions.sessions.workflow_documents import WorkflowId
from offhook.agents.executable import Executable
from offhook.errors import ConflictError, NotFoundError
from offhook.organizations.model import ApiKey, Scope
from offhook.organizations.usecases import require_scope
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.projections import has_ended
from offhook.runs.model import Run, TriggerMode
from offhook.sessions.beginning import SessionOrder, check_metadata
from offhook.sessions.commands import Command, Inject, Transfer
from offhook.sessions.document import SessionDocument, session_document, ws_url
from offhook.sessions.listing import Wanted
from offhook.sessions.model import SessionStatus, run_id_of, session_status
from offhook.sessions.tokens import LIFE, TokenScope
from offhook.sessions.told import (
    SessionErrors,
    SessionHandoffs,
    SessionWindows,
    errors,
    handoffs,
    lines,
    metrics,
)
from offhook.sessions.workflows import find_workflow

_ONE = "/streaming-sessions/{session_id}"
_COMMANDED = [HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.GATEWAY_TIMEOUT]

Status = Annotated[
    SessionStatus | None,
    Query(
        description="`active` means all that are not over. Of a status that is final, the newest 5,000 runs are looked at."
    ),
]
Waiting = Annotated[
    bool,
    Query(
        description="`false` leaves out those that wait for their dial, of lists of what is not over. With `active` and no "
        "`workflowId`, `count` is then how many places calls hold, and a page reads nothing beyond itself: one that has "
        "just ended may be counted still."
    ),
]
Sort = Annotated[SortKeys, sorting("started_at", default="-started_at")]


class SessionRoutes(Routes[SessionsServices]):
    """Shows sessions to an organization, and has commands carried out in those that live."""

    tag = "streaming sessions"

    @post(
        "/streaming-sessions",
        Scope.STREAMING_SESSIONS_WRITE,
        status=HTTPStatus.CREATED,
        problems=[HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.NOT_FOUND, HTTPStatus.TOO_MANY_REQUESTS],
        new_id=some_run_id,
    )
    def start_streaming_session(
        self, body: SessionBody, caller: Caller, intent: NewThing, response: Response
    ) -> SessionReply:
        """Start a session that waits five minutes for its caller."""
        services = self._services
        number, now = run_number(intent, services.clock), services.clock()
        run = services.beginner.creator.created_before(caller.organization_id, number)
        if run is None:
            run = services.beginner.begin(self._order(body, caller, now), number, now)
        else:
            response.headers[REPLAYED_HEADER] = "true"
        return SessionReply(
            session_id=run.session_id,
            ws_url=ws_url(run, services.public_base_url),
            ws_token=services.tokens.mint(run, TokenScope.OPERATE, now),
        )

    @get("/streaming-sessions", Scope.STREAMING_SESSIONS_READ, problems=[HTTPStatus.NOT_FOUND])
    def list_streaming_sessions(
        self,
        caller: Caller,
        window: Windowed,
        sort: Sort,
        status: Status = None,
        workflow_id: Annotated[
            str | None, Query(alias="workflowId", max_length=64, description="Those of this workflow.")
        ] = None,
        waiting: Waiting = True,
    ) -> SessionList:
        """List sessions, phone calls too."""
        return self._list(caller, window, sort, status, workflow_id, waiting=waiting)

    @get("/streaming-workflows/{workflow_id}/sessions", Scope.STREAMING_SESSIONS_READ)
    def list_streaming_workflow_sessions(
        self, workflow_id: WorkflowId, caller: Caller, window: Windowed, sort: Sort, status: Status = None
    ) -> SessionList:
        """List sessions of a workflow."""
        return self._list(caller, window, sort, status, workflow_id)

    @get(_ONE, Scope.STREAMING_SESSIONS_READ)
    def get_streaming_session(self, session_id: SessionId, caller: Caller) -> SessionDocument:
        """Show a session, with a token for its socket."""
        run, now = self._run(caller, session_id), self._services.clock()
        token = None
        if not session_status(run, now).is_final:
            token = self._services.tokens.mint(run, _most(caller), now)
        return session_document(run, now, public_base_url=self._services.public_base_url, token=token)

    @post(f"{_ONE}/token", Scope.STREAMING_SESSIONS_READ, problems=[HTTPStatus.CONFLICT])
    def mint_session_token(
        self, session_id: SessionId, caller: Caller, body: TokenBody | None = None
    ) -> TokenReply:
        """Mint a token for a session's socket."""
        scope = (body and body.scope) or _most(caller)
        if scope is TokenScope.OPERATE:
            require_scope(caller, Scope.STREAMING_SESSIONS_WRITE)
        run, now = self._live_run(caller, session_id), self._services.clock()
        return TokenReply(
            ws_url=ws_url(run, self._services.public_base_url),
            ws_token=self._services.tokens.mint(run, scope, now),
            scope=scope,
            expires_at=now + LIFE,
        )

    @post(f"{_ONE}/inject", Scope.STREAMING_SESSIONS_WRITE, problems=_COMMANDED, new_id=some_uuid)
    def inject_into_session(
        self, session_id: SessionId, body: InjectBody, caller: Caller, intent: NewThing
    ) -> InjectReply:
        """Add a text to a live session."""
        inject = Inject(id=intent.resource_id, text=body.text, role=body.role, interrupt=body.interrupt)
        self._command(caller, session_id, inject)
        return InjectReply(inject_id=inject.id)

    @post(f"{_ONE}/transfer", Scope.STREAMING_SESSIONS_WRITE, problems=_COMMANDED, new_id=some_uuid)
    def transfer_session(
        self, session_id: SessionId, body: TransferBody, caller: Caller, intent: NewThing
    ) -> TransferReply:
        """Put the caller of a live session through to somebody else."""
        transfer = Transfer(id=intent.resource_id, **body.model_dump())
        self._command(caller, session_id, transfer)
        return TransferReply(command_id=transfer.id)

    @delete(
        _ONE,
        Scope.STREAMING_SESSIONS_WRITE,
        status=HTTPStatus.NO_CONTENT,
        problems=[HTTPStatus.BAD_REQUEST, *_COMMANDED],
    )
    def end_streaming_session(self, session_id: SessionId, caller: Caller) -> None:
        """End a session; one that is over stays as it is."""
        run = self._run(caller, session_id)
        if run.status.is_final:
            return
        try:
            self._services.hang_ups.hang_up(run, self._services.clock())
        except ConflictError:
            if not self._has_ended(run):
                raise

    @get(f"{_ONE}/transcript", Scope.STREAMING_SESSIONS_READ)
    def get_session_transcript(
        self, session_id: SessionId, caller: Caller, window: Windowed
    ) -> SessionTranscript:
        """Show what was said so far."""
        run = self._run(caller, session_id)
        count, part = window.cut(lines(run, self._log(run)))
        return SessionTranscript(count=count, limit=window.limit, offset=window.offset, items=fitting(part))

    @get(f"{_ONE}/metrics", Scope.STREAMING_SESSIONS_READ)
    def list_session_metrics(self, session_id: SessionId, caller: Caller) -> SessionWindows:
        """Show what happened in each ten seconds."""
        run = self._run(caller, session_id)
        return SessionWindows(fitting(metrics(run, self._log(run))))

    @get(f"{_ONE}/errors", Scope.STREAMING_SESSIONS_READ)
    def list_session_errors(self, session_id: SessionId, caller: Caller) -> SessionErrors:
        """List what failed."""
        run = self._run(caller, session_id)
        return SessionErrors(fitting(errors(run, self._log(run))))

    @get(f"{_ONE}/handoffs", Scope.STREAMING_SESSIONS_READ)
    def list_session_handoffs(self, session_id: SessionId, caller: Caller) -> SessionHandoffs:
        """List handoffs to other agents."""
        run = self._run(caller, session_id)
        return handoffs(run, self._log(run))

    def _order(self, body: SessionBody, caller: ApiKey, now: datetime) -> SessionOrder:
        services = self._services
        agent = find_workflow(services.agents, caller, body.workflow_id)
        check_metadata(body.metadata)
        deployments = services.deployments
        is_test = body.mode is TriggerMode.TEST
        deployment = deployments.for_test(agent, now) if is_test else deployments.for_session(agent, now)
        version = services.agents.get_version(agent.uuid, deployment.version)
        return SessionOrder(
            key=caller,
            executable=Executable(agent=replace(agent, deployment=deployment), version=version),
            deployment=deployment,
            metadata=body.metadata,
            correlation_id=body.correlation_id,
            disposition_schema_version=body.disposition_schema_version,
            estimated_duration_seconds=body.estimated_seconds,
        )

    def _run(self, caller: ApiKey, session_id: str) -> Run:
        try:
            return self._services.runs.get(caller.organization_id, run_id_of(session_id))
        except NotFoundError:
            raise NotFoundError("There is no session with this id in your organization.") from None

    def _live_run(self, caller: ApiKey, session_id: str) -> Run:
        run = self._run(caller, session_id)
        status = session_status(run, self._services.clock())
        if status.is_final:
            raise ConflictError(f"The session is {status}: it is over.", code="session-state")
        return run

    def _command(self, caller: ApiKey, session_id: str, command: Command) -> None:
        run = self._live_run(caller, session_id)
        if run.ownership is None:
            status = session_status(run, self._services.clock())
            raise ConflictError(f"The session is {status}: nobody talks in it yet.", code="session-state")
        self._services.commander.send(run, command, sender=caller.id)

    def _log(self, run: Run) -> Iterable[LogEntry]:
        return self._services.events.read(run.id, consistent=True)

    def _has_ended(self, run: Run) -> bool:
        """Say whether somebody else has ended it meanwhile; its owner may still be writing the row."""
        latest = self._services.runs.get(run.organization_id, run.id)
        return latest.status.is_final or has_ended(self._log(run))

    def _list(
        self,
        caller: ApiKey,
        window: Window,
        sort: SortKeys,
        status: SessionStatus | None,
        workflow_id: str | None,
        *,
        waiting: bool = True,
    ) -> SessionList:
        services = self._services
        agent_uuid = workflow_id and find_workflow(services.agents, caller, workflow_id).uuid
        wanted = Wanted(
            organization_id=caller.organization_id,
            agent_uuid=agent_uuid or None,
            status=status,
            oldest_first=not sort[0].is_descending,
            has_no_waiting=not waiting,
        )
        count, runs = services.lister.find(wanted, window.cut)
        now, base = services.clock(), services.public_base_url
        items = fitting([session_document(run, now, public_base_url=base) for run in runs])
        return SessionList(count=count, limit=window.limit, offset=window.offset, items=items)


def _most(key: ApiKey) -> TokenScope:
    """Return what a token may allow that this key asks for."""
    may_write = Scope.STREAMING_SESSIONS_WRITE in key.scopes
    return TokenScope.OPERATE if may_write else TokenScope.OBSERVE
