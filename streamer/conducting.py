"""Conducting the call of a run that exists, whatever its line: from the run's row to its end."""

from dataclasses import replace

from offhook.runs.log.projections import fetched
from offhook.runs.model import Run
from offhook.telephony.ports import CarrierAccount
from streamer.call.conversation.state import ConversationState, fold
from streamer.conductor.conductor import Conductor
from streamer.conductor.line import LineSocket, LineStream
from streamer.conductor.playout import Pacer
from streamer.engine_room import EngineRoom
from streamer.live_calls import LiveCall, LiveCalls
from streamer.record.call_plan import CallPlan
from streamer.record.call_services import CallServices
from streamer.record.owned_call import OwnedCall
from streamer.record.possession import Possession
from streamer.record.pre_call_fetch import Fetched
from streamer.record.prepared import PreparedVersions
from streamer.succeeding import Succeeding, SuccessorsOfCall
from streamer.tools.catalogue import ToolsOfCall


class Conducting:
    """Makes runs ours and conducts their calls; one instance for all calls of the process."""

    def __init__(
        self, services: CallServices, *, engines: EngineRoom, pacer: Pacer, live_calls: LiveCalls
    ) -> None:
        self._services = services
        self._engines = engines
        self._pacer = pacer
        self._live_calls = live_calls
        self._versions = PreparedVersions()
        self._succeeding = Succeeding(services, self._versions, self._tools)

    async def join(
        self,
        socket: LineSocket,
        stream: LineStream,
        run: Run,
        call_id: str | None,
        account: CarrierAccount | None,
    ) -> None:
        """Conduct the call of a line that is ready, for this run, whoever had it before.

        Raises ConflictError when the run is over.
        """
        await self.conduct(socket, stream, *await self.take(run, call_id, account))

    async def take(
        self, run: Run, call_id: str | None = None, account: CarrierAccount | None = None
    ) -> tuple[CallPlan, Possession]:
        """Gather what the call needs, and make the run ours; raise ConflictError when it is over."""
        plan = await self._services.store_threads.run(self._plan, run, call_id, account)
        plan = replace(plan, tools=await self._tools(plan))
        return plan, await self._services.keeper.take(run)

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
        offered, named = workflow.tool_uuids, workflow.document_uuids
        if not (offered or named):
            return ToolsOfCall()
        services, run = self._services, self._services.store_threads.run
        tools = await run(services.tools.get_many, organization_id, offered) if offered else ()
        documents = await run(services.knowledge.get_many, organization_id, named) if named else ()
        return await services.catalogue.of(
            organization_id, workflow, tools, documents, language=plan.settings.language
        )

    async def conduct(
        self, socket: LineSocket, stream: LineStream, plan: CallPlan, possession: Possession
    ) -> None:
        """Conduct the call of a run that is ours, to its row; raise OwnershipLostError when another took it over."""
        state = fold(possession.log)
        told = await self._fetch(plan, possession, state)
        plan = replace(plan, fetched=told.values)
        if state.agent is not None and state.agent.to_version is not None and not state.has_ended:
            # Another agent has the call by now.
            plan = await self._succeeding.plan(plan, state.agent.to_agent_uuid, state.agent.to_version)
        record = OwnedCall(self._services, plan, possession)
        if state.has_ended:
            # Its task was lost between the last word and the row.
            await record.close()
            return
        choice = self._engines.choose(plan.settings)
        record.miss(choice.missing)
        record.lack(plan.tools.missing)
        record.note(told.event)
        engines = self._engines.engines_for(choice, plan.settings, hears=plan.prepared.hears)
        successors = SuccessorsOfCall(self._succeeding, plan, engines, room=self._engines, lack=record.lack)
        conductor = Conductor(
            socket=socket,
            stream=stream,
            pacer=self._pacer,
            engines=engines,
            clips=self._services.shelf.clips,
            machine=plan.machine(possession.log),
            options=record.options(successors),
        )
        call = LiveCall(conductor=conductor, record=record)
        self._live_calls.add(plan.run.id, call)
        try:
            await record.see_through(conductor)
        finally:
            self._live_calls.remove(call)

    async def _fetch(self, plan: CallPlan, possession: Possession, state: ConversationState) -> Fetched:
        """Ask who calls, before the first word of all; whoever goes on with a call finds the answer in its log."""
        if state.node_id is not None or state.agent is not None or state.has_ended:
            return Fetched(values=fetched(possession.log))
        return await self._services.pre_call_fetch.ask(
            plan.run, plan.prepared.workflow.start, plan.settings.pre_call_fetch_limit_ms
        )
