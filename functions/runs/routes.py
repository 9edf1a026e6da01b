"""The routes of runs: lists, one run, its log, its recording, peaks and transcript, its end, review and deletion."""

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from itertools import islice
from typing import Annotated

from fastapi import Path, Query
from starlette.concurrency import run_in_threadpool

from functions.http.authentication import Caller
from functions.http.idempotency.idempotency import some_uuid
from functions.http.pagination import Paged, Paging, fitting
from functions.http.routing import Routes, delete, get, post
from functions.runs.documents import (
    EventList,
    LinkDocument,
    NeighboursDocument,
    PeaksDocument,
    RunList,
    TurnList,
)
from functions.runs.filters import Filter, Text
from functions.runs.services import RunsServices
from functions.runs.waiting import MAX_WAIT_S
from offhook.errors import NotFoundError
from offhook.organizations.audit import AuditAction
from offhook.organizations.model import ApiKey, Scope
from offhook.runs.document import (
    RunDocument,
    recording_url,
    run_document,
    transcript_url,
)
from offhook.runs.ending.media import peaks_key
from offhook.runs.log.document import event_document
from offhook.runs.model import Run
from offhook.runs.ports import LINK_SECONDS, RunFilter
from offhook.runs.turns import turns

MAX_EVENTS = 1000

_ONE = "/runs/{workflow_run_id}"

RunId = Annotated[int, Path(ge=1, lt=2**53, description="`workflow_run_id` of the run.")]
AgentUuid = Annotated[str, Path(max_length=64)]
CampaignId = Annotated[
    str,
    Path(max_length=64, description="`id` of the campaign.", examples=["cmp_019ab3c4d5e6f0a1b2c3d4"]),
]
After = Annotated[int, Query(ge=0, lt=2**53, description="Return events with a larger `seq`.")]
Wait = Annotated[
    int,
    Query(
        ge=0,
        le=MAX_WAIT_S,
        description="Seconds to wait where there is nothing yet: the reply comes as soon as there is, or the run is over.",
    ),
]
AfterTurn = Annotated[int, Query(ge=-1, lt=2**53, description="Return turns with a larger number.")]
EventLimit = Annotated[int, Query(ge=1, le=MAX_EVENTS)]


class RunsRoutes(Routes[RunsServices]):
    """Shows an organization its runs, ends those that live, and deletes those that are over."""

    tag = "runs"

    @get("/runs", Scope.RUNS_READ)
    def list_runs(
        self,
        caller: Caller,
        paging: Paged,
        filter_: Filter,
        agent_uuid: Text = None,
        campaign_id: Text = None,
    ) -> RunList:
        """List runs, newest first."""
        wanted = replace(filter_, agent_uuid=agent_uuid, campaign_id=campaign_id)
        return self._page(caller, wanted, paging)

    @get(_ONE, Scope.RUNS_READ)
    def get_run(self, workflow_run_id: RunId, caller: Caller) -> RunDocument:
        """Show a run."""
        return run_document(self._run(caller, workflow_run_id), self._services.media)

    @get(f"{_ONE}/neighbours", Scope.RUNS_READ)
    def get_run_neighbours(
        self,
        workflow_run_id: RunId,
        caller: Caller,
        filter_: Filter,
        agent_uuid: Text = None,
        campaign_id: Text = None,
    ) -> NeighboursDocument:
        """Name the runs before and after one, in the list that these filters make."""
        run = self._run(caller, workflow_run_id)
        wanted = replace(filter_, agent_uuid=agent_uuid, campaign_id=campaign_id)
        found = self._services.runs.neighbours(caller.organization_id, wanted, run.id)
        return NeighboursDocument.model_validate(found)

    @get(f"{_ONE}/events", Scope.RUNS_READ, problems=[HTTPStatus.TOO_MANY_REQUESTS])
    async def list_run_events(
        self,
        workflow_run_id: RunId,
        caller: Caller,
        after: After = 0,
        limit: EventLimit = 200,
        wait: Wait = 0,
    ) -> EventList:
        """Read a run's event log."""
        found = await run_in_threadpool(self._events, caller, workflow_run_id, after, limit)
        if wait == 0 or found.items or found.status.is_final:
            return found

        def look() -> EventList | None:
            later = self._events(caller, workflow_run_id, after, limit, is_known=True)
            return later if later.items or later.status.is_final else None

        return await self._services.waits.until(caller.organization_id, look, wait) or found

    @get(f"{_ONE}/turns", Scope.RUNS_READ)
    def list_run_turns(self, workflow_run_id: RunId, caller: Caller, after: AfterTurn = -1) -> TurnList:
        """Show what each turn took and cost."""
        run = self._run(caller, workflow_run_id)
        log = self._services.events.read(run.id, consistent=True)
        items = fitting([each for each in turns(log, self._services.prices) if each.turn > after])
        return TurnList(items=items, next_after=items[-1].turn if items else after)

    @get(f"{_ONE}/recording", Scope.RUNS_READ)
    def get_recording(self, workflow_run_id: RunId, caller: Caller) -> LinkDocument:
        """Link to the recording."""
        run = self._run(caller, workflow_run_id)
        return self._link(recording_url(run, self._services.media), "recording")

    @get(f"{_ONE}/peaks", Scope.RUNS_READ)
    def get_peaks(self, workflow_run_id: RunId, caller: Caller) -> PeaksDocument:
        """Show how loud the recording is, ten times a second."""
        run = self._run(caller, workflow_run_id)
        if run.recording_key is None:
            raise _missing("recording")
        try:
            found = self._services.media.get(peaks_key(run.recording_key))
        except NotFoundError:
            raise NotFoundError(
                "The recording has no peaks: it is older than they are, or its time is over. It may play all the same.",
                code="peaks-not-found",
            ) from None
        return PeaksDocument.model_validate_json(found)

    @get(f"{_ONE}/transcript", Scope.RUNS_READ)
    def get_transcript(self, workflow_run_id: RunId, caller: Caller) -> LinkDocument:
        """Link to the transcript."""
        run = self._run(caller, workflow_run_id)
        return self._link(transcript_url(run, self._services.media), "transcript")

    @get("/workflow/{agent_uuid}/runs", Scope.RUNS_READ)
    def list_agent_runs(
        self, agent_uuid: AgentUuid, caller: Caller, paging: Paged, filter_: Filter
    ) -> RunList:
        """List an agent's runs, newest first."""
        agent = self._services.agents.get(caller.organization_id, agent_uuid)
        return self._page(caller, replace(filter_, agent_uuid=agent.uuid), paging)

    @get("/campaigns/{campaign_id}/runs", Scope.RUNS_READ)
    def list_campaign_runs(
        self, campaign_id: CampaignId, caller: Caller, paging: Paged, filter_: Filter
    ) -> RunList:
        """List the runs of a campaign, newest first."""
        campaign = self._services.campaigns.get(caller.organization_id, campaign_id)
        return self._page(caller, replace(filter_, campaign_id=campaign.id), paging)

    @get("/workflow/{agent_uuid}/runs/{workflow_run_id}", Scope.RUNS_READ)
    def get_agent_run(self, agent_uuid: AgentUuid, workflow_run_id: RunId, caller: Caller) -> RunDocument:
        """Show a run of an agent."""
        run = self._run(caller, workflow_run_id)
        if run.agent_uuid != agent_uuid:
            raise NotFoundError("The agent has no run with this id.")
        return run_document(run, self._services.media)

    @post(
        f"{_ONE}/hangup",
        Scope.RUNS_WRITE,
        problems=[
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.CONFLICT,
            HTTPStatus.TOO_MANY_REQUESTS,
            HTTPStatus.GATEWAY_TIMEOUT,
        ],
    )
    def hang_up_run(self, workflow_run_id: RunId, caller: Caller) -> RunDocument:
        """End a live run."""
        run = self._run(caller, workflow_run_id)
        services = self._services
        return run_document(services.hang_ups.hang_up(run, services.clock()), services.media)

    @post(f"{_ONE}/qa", Scope.RUNS_WRITE, status=HTTPStatus.ACCEPTED, new_id=some_uuid)
    def review_run(self, workflow_run_id: RunId, caller: Caller) -> RunDocument:
        """Have a finished call judged anew."""
        run = self._run(caller, workflow_run_id)
        services = self._services
        return run_document(services.reviews.ask(run, services.clock()), services.media)

    @delete(_ONE, Scope.RUNS_WRITE, status=HTTPStatus.NO_CONTENT, problems=[HTTPStatus.CONFLICT])
    def delete_run(self, workflow_run_id: RunId, caller: Caller) -> None:
        """Delete a finished run with its recording, transcript and log; call off one that is scheduled, which stays."""
        run = self._run(caller, workflow_run_id)
        if run.is_scheduled:
            self._services.hang_ups.cancel(run)
            return
        now = self._services.clock()
        self._services.remover.remove(run, AuditAction.RUN_DELETED, now, key_id=caller.id)

    def _events(
        self, caller: ApiKey, run_id: int, after: int, limit: int, *, is_known: bool = False
    ) -> EventList:
        """Read what follows `after`; where that is known to be the end of the log so far, nothing older is looked at."""
        # The row before the log: a final status then means that the log below it is whole.
        run = self._run(caller, run_id)
        events = self._services.events
        entries = (
            events.follow(run.id, after)
            if is_known
            else events.read(run.id, after_seq=after, consistent=True)
        )
        items = fitting([event_document(entry) for entry in islice(entries, limit)])
        return EventList(items=items, next_after=items[-1].seq if items else after, status=run.status)

    def _run(self, caller: ApiKey, run_id: int) -> Run:
        return self._services.runs.get(caller.organization_id, run_id)

    def _page(self, caller: ApiKey, filter_: RunFilter, paging: Paging) -> RunList:
        this_list = (caller.organization_id, filter_)
        position = self._services.cursors.read(paging.cursor, of=this_list)
        page = self._services.runs.list(
            caller.organization_id, filter_, limit=paging.limit, before_id=int(position) if position else None
        )
        items = fitting([run_document(run, self._services.media) for run in page.runs])
        end = page.next_before_id if len(items) == len(page.runs) else items[-1].id
        following = str(end) if end else None
        return RunList(items=items, next_cursor=self._services.cursors.write(following, of=this_list))

    def _link(self, url: str | None, what: str) -> LinkDocument:
        # Not a redirect: HTTP clients would send the API key's header on to wherever the audio lies.
        if url is None:
            raise _missing(what)
        expires_at = self._services.clock() + timedelta(seconds=LINK_SECONDS)
        return LinkDocument(url=url, expires_at=expires_at)


def _missing(what: str) -> NotFoundError:
    return NotFoundError(
        f"The run has no {what}: it is not over yet, or nothing was recorded.", code=f"{what}-not-found"
    )
