"""Phone calls of runs that exist: from the token of a media socket to the finished run."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from offhook.errors import OwnershipLostError
from offhook.knowledge.model import KnowledgeDocument
from offhook.runs.end_reasons import EndReason
from offhook.runs.log.projections import fetched
from offhook.runs.model import Run
from offhook.telephony.ports import CarrierAccount
from offhook.telephony.usecases import open_account
from offhook.tools.model import Tool
from streamer.call.state import ConversationState, fold
from streamer.conductor.conductor import Conductor
from streamer.conductor.playout import BEAT_S, Pacer
from streamer.engine_room import EngineRoom
from streamer.media import MediaStream, Role
from streamer.record.call_plan import CallPlan
from streamer.record.call_services import CallServices
from streamer.record.owned_call import OwnedCall
from streamer.record.possession import Possession
from streamer.record.pre_call_fetch import Fetched
from streamer.record.prepared import PreparedVersions
from streamer.sockets.handshake import handshake
from streamer.sockets.media_socket import MediaSocket
from streamer.tools.catalogue import ToolsOfCall

_MOST_DIGITS = 16


class PhoneCalls:
    """Serves the media sockets of runs; one instance for all calls of the process."""

    def __init__(self, services: CallServices, *, engines: EngineRoom, pacer: Pacer) -> None:
        self._loop = asyncio.get_running_loop()
        self._services = services
        self._engines = engines
        self._pacer = pacer
        self._versions = PreparedVersions()
        self._calls: dict[Conductor, OwnedCall] = {}
        self._is_beating = False
        self._is_drain_over = False
        pacer.on_stall = self._doubt_all

    def say_goodbye(self) -> None:
        """Have every caller hear a last sentence and be hung up on, those too whose calls are about to begin."""
        self._is_drain_over = True
        self._tell_drain()

    def end_all(self) -> None:
        """End every call without another word; a caller who is away is left to whoever gets them back."""
        for call in tuple(self._calls):
            if not call.is_away:
                call.end(EndReason.DRAINED)

    def _beat(self) -> None:
        """Look, while there are calls, whether the process stood still, or is to end."""
        self._pacer.notice_stall()
        if self._is_drain_over:
            self._tell_drain()
        self._is_beating = bool(self._calls)
        if self._is_beating:
            self._loop.call_later(BEAT_S, self._beat)

    def _tell_drain(self) -> None:
        for call in tuple(self._calls):
            call.drain_is_over()

    def _doubt_all(self) -> None:
        for conductor, record in self._calls.items():
            conductor.hold()
            record.doubt()

    async def serve(self, socket: MediaSocket, match: dict[str, str]) -> None:
        """Conduct the call of one media socket; nothing is stored before its handshake is good."""
        run_id = _number(match["run_id"])
        number = self._services.links.media_stream_number(run_id, match["token"])
        stream = MediaStream(role=Role.AGENT)
        started = await handshake(socket, stream, self._services.handshake_limit_s)
        run = await self._services.keeper.get(run_id)
        if run.stream_number > number:
            raise OwnershipLostError("A newer stream of this run has begun.")
        socket.take_place()
        account = await self._services.store_threads.run(self._account, run)
        await self.join(socket, stream, run, started.session or run.telephony.call_id, account)

    async def join(
        self,
        socket: MediaSocket,
        stream: MediaStream,
        run: Run,
        call_id: str | None,
        account: CarrierAccount | None,
    ) -> None:
        """Conduct the call of a socket whose handshake is good, for this run, whoever had it before.

        Raises ConflictError when the run is over.
        """
        plan = await self._services.store_threads.run(self._plan, run, call_id, account)
        plan = replace(plan, tools=await self._tools(plan))
        possession = await self._services.keeper.take(run)
        await self._conduct(socket, stream, plan, possession)

    def _plan(self, run: Run, call_id: str | None, account: CarrierAccount | None) -> CallPlan:
        """Gather what the call needs, before it is ours."""
        version = self._services.agents.get_version(run.agent_uuid, run.version)
        return CallPlan(
            run=run,
            prepared=self._versions.get(version),
            account=account,
            call_id=call_id,
            clock=self._services.clock,
        )

    async def _tools(self, plan: CallPlan) -> ToolsOfCall:
        """Find what the call may use; an agent without tools asks nobody for any."""
        workflow, organization_id = plan.prepared.workflow, plan.run.organization_id
        tools: Sequence[Tool] = ()
        documents: Sequence[KnowledgeDocument] = ()
        if not (workflow.names_tools or workflow.document_uuids):
            return ToolsOfCall()
        services = self._services
        if workflow.names_tools:
            tools = await services.store_threads.run(services.tools.list, organization_id)
        if workflow.document_uuids:
            named = workflow.document_uuids
            documents = await services.store_threads.run(services.knowledge.get_many, organization_id, named)
        return await services.catalogue.of(
            organization_id, workflow, tools, documents, language=plan.settings.language
        )

    def _account(self, run: Run) -> CarrierAccount | None:
        if run.telephony.configuration_id is None:
            return None
        configuration = self._services.telephony.get(run.organization_id, run.telephony.configuration_id)
        return open_account(self._services.secret_box, configuration)

    async def _conduct(
        self, socket: MediaSocket, stream: MediaStream, plan: CallPlan, possession: Possession
    ) -> None:
        state = fold(possession.log)
        told = await self._fetch(plan, possession, state)
        plan = replace(plan, fetched=told.values)
        record = OwnedCall(self._services, plan, possession)
        if state.has_ended:
            # Its task was lost between the last word and the row.
            await record.close()
            return
        choice = self._engines.choose(plan.settings)
        record.miss(choice.missing)
        record.lack(plan.tools.missing)
        record.note(told.event)
        conductor = Conductor(
            socket=socket,
            stream=stream,
            pacer=self._pacer,
            engines=self._engines.engines_for(choice, plan.settings, hears=plan.prepared.hears),
            clips=self._services.shelf.clips,
            machine=plan.machine(possession.log),
            options=record.options(),
        )
        if not self._is_beating:
            # Nobody has asked while there were no calls, and there is none yet to be doubted.
            self._pacer.notice_stall()
            self._is_beating = True
            self._loop.call_soon(self._beat)
        self._calls[conductor] = record
        try:
            await record.see_through(conductor)
        finally:
            del self._calls[conductor]

    async def _fetch(self, plan: CallPlan, possession: Possession, state: ConversationState) -> Fetched:
        """Ask who calls, before the first word of all; whoever goes on with a call finds the answer in its log."""
        if state.node_id is not None or state.has_ended:
            return Fetched(values=fetched(possession.log))
        return await self._services.pre_call_fetch.ask(
            plan.run, plan.prepared.workflow.start, plan.settings.pre_call_fetch_limit_ms
        )


def _number(text: str) -> int:
    """Read a run's id from a path; 0, which no run has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0
