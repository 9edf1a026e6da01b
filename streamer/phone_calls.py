"""Phone calls of runs that exist: from the token of a media socket to the finished run."""

import asyncio
import logging
from dataclasses import dataclass, replace

from offhook.agents.ports import AgentRepository
from offhook.agents.settings import AgentSettings, parse_settings
from offhook.clock import Clock
from offhook.errors import CarrierError, OwnershipLostError, StorageError
from offhook.json_types import JsonObject
from offhook.runs.aftercall import join_recording, segment_key, write_transcript
from offhook.runs.events import EventType, RunEvent
from offhook.runs.model import Run, RunStatus
from offhook.runs.ports import MediaStore
from offhook.runs.prices import Engines as PricedEngines
from offhook.runs.prices import PriceList
from offhook.runs.settling import settled
from offhook.telephony.links import CarrierLinks
from offhook.telephony.ports import Carrier, CarrierAccount, SecretBox, TelephonyRepository
from offhook.telephony.usecases import open_account
from offhook.workflows import TemplateContext, Workflow, parse_workflow, render
from streamer.call.conversation import Conversation
from streamer.call.endings import EndReason
from streamer.call.machine import Machine
from streamer.call.state import ConversationState, fold
from streamer.clips import Clips
from streamer.conductor import CallOptions, Conductor
from streamer.engines import Engines
from streamer.event_writer import EventWriter
from streamer.handshake import HANDSHAKE_TIMEOUT_S, handshake
from streamer.media import MediaStream, Role
from streamer.playout import Pacer
from streamer.possession import Possession, RunKeeper
from streamer.sockets import MediaSocket
from streamer.threads import Threads

logger = logging.getLogger(__name__)

# A stream that broke off may come back through the carrier's Redirect, here or at another task, which then owns the run.
RETURN_LIMIT_S = 8
# A store that is away for a moment costs nothing; for longer, ten seconds of recording, or the end of the run.
_STORE_WAITS_S = (0.5, 2, 5)
_MOST_DIGITS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class CallServices:
    """What phone calls need from the house."""

    keeper: RunKeeper
    agents: AgentRepository
    telephony: TelephonyRepository
    secret_box: SecretBox
    carrier: Carrier
    media: MediaStore
    links: CarrierLinks
    clock: Clock
    prices: PriceList
    priced_engines: PricedEngines
    store_threads: Threads
    media_threads: Threads
    carrier_threads: Threads
    handshake_limit_s: float = HANDSHAKE_TIMEOUT_S
    return_limit_s: int = RETURN_LIMIT_S


class PhoneCalls:
    """Serves the media sockets of runs; one instance for all calls of the process."""

    def __init__(self, services: CallServices, *, engines: Engines, pacer: Pacer) -> None:
        self._services = services
        self._engines = engines
        self._pacer = pacer
        self._clips = Clips()
        self._calls: set[Conductor] = set()

    def end_all(self, reason: EndReason) -> None:
        """End every call, for a process that must stop."""
        for call in tuple(self._calls):
            call.end(reason)

    async def serve(self, socket: MediaSocket, match: dict[str, str]) -> None:
        """Conduct the call of one media socket; nothing is stored before its handshake is good."""
        run_id = _number(match["run_id"])
        number = self._services.links.media_stream_number(run_id, match["token"])
        stream = MediaStream(role=Role.AGENT)
        started = await handshake(socket, stream, self._services.handshake_limit_s)
        run = await self._services.keeper.get(run_id)
        if run.stream_number > number:
            raise OwnershipLostError("A newer stream of this run has begun.")
        plan = await self._services.store_threads.run(self._plan, run, started.session)
        possession = await self._services.keeper.take(run)
        await self._conduct(socket, stream, plan, possession)

    def _plan(self, run: Run, session: str | None) -> "_Plan":
        """Gather what the call needs, before it is ours."""
        version = self._services.agents.get_version(run.agent_uuid, run.version)
        return _Plan(
            run=run,
            workflow=parse_workflow(version.workflow_definition),
            settings=parse_settings(version.settings),
            account=self._account(run),
            call_id=session or run.telephony.call_id,
            clock=self._services.clock,
        )

    def _account(self, run: Run) -> CarrierAccount | None:
        if run.telephony.configuration_id is None:
            return None
        configuration = self._services.telephony.get(run.organization_id, run.telephony.configuration_id)
        return open_account(self._services.secret_box, configuration)

    async def _conduct(
        self, socket: MediaSocket, stream: MediaStream, plan: "_Plan", possession: Possession
    ) -> None:
        call = _Call(self._services, plan, possession)
        conductor = Conductor(
            socket=socket,
            stream=stream,
            pacer=self._pacer,
            engines=self._engines,
            clips=self._clips,
            machine=plan.machine(possession.log),
            options=call.options(),
        )
        self._calls.add(conductor)
        try:
            await call.see_through(conductor)
        finally:
            self._calls.discard(conductor)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """One call's agent, and its way to the carrier."""

    run: Run
    workflow: Workflow
    settings: AgentSettings
    account: CarrierAccount | None
    call_id: str | None
    clock: Clock

    def machine(self, log: tuple[RunEvent, ...]) -> Machine:
        """Make the call's machine, standing where the log leaves off."""
        return Machine(workflow=self.workflow, settings=self.settings, render=self._render, state=fold(log))

    def warm_texts(self) -> tuple[str, ...]:
        """Return the fixed sentences that may be needed at any moment, cut as the machine will say them."""
        settings = self.settings
        talk = Conversation(self.workflow, settings, self._render, ConversationState())
        texts = (settings.error_goodbye, *settings.idle_prompts, settings.idle_goodbye)
        return tuple(sentence for text in texts for sentence in talk.sentences(text))

    def _render(self, template: str, gathered: JsonObject) -> str:
        run = self.run
        context = TemplateContext(
            clock=self.clock,
            initial=run.initial_context,
            gathered=gathered,
            system={
                "caller_number": run.telephony.caller_number,
                "called_number": run.telephony.called_number,
                "workflow_run_id": run.id,
            },
        )
        return render(template, context)


class _Call:
    """The durable side of one call: its log, its lease, its recording, its end."""

    def __init__(self, services: CallServices, plan: _Plan, possession: Possession) -> None:
        self._services = services
        self._plan = plan
        self._possession = possession
        self._recordings: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        self._segments = 0
        self._writer = EventWriter(
            lambda events: services.keeper.append(possession.run.id, events),
            clock=services.clock,
            next_seq=possession.next_seq,
        )

    def options(self) -> CallOptions:
        """Return what the conductor must know of this call."""
        settings = self._plan.settings
        return CallOptions(
            voice=settings.voice,
            language=settings.language,
            on_record=self._writer.add,
            on_recording=self._keep_segment if settings.record else None,
            warm_texts=self._plan.warm_texts(),
        )

    async def see_through(self, conductor: Conductor) -> None:
        """Conduct the call to its end and settle its run; raise OwnershipLostError when another took it over."""
        keeper, possession = self._services.keeper, self._possession
        self._writer.add(EventType.STATUS, {"status": RunStatus.IN_PROGRESS})
        try:
            async with asyncio.TaskGroup() as tasks:
                background = (
                    tasks.create_task(self._writer.run()),
                    tasks.create_task(keeper.hold(possession)),
                    tasks.create_task(self._upload_recordings()),
                )
                await conductor.run()
                # Now, so that who takes the run over after a lost stream finds it in the log.
                self._writer.add(EventType.USAGE, conductor.usage())
                if conductor.stream_was_lost:
                    await self._await_return()
                    conductor.caller_is_gone()
                if conductor.must_hang_up:
                    await self._hang_up()
                await self._settle()
                for task in background:
                    task.cancel()
        except* OwnershipLostError:
            raise OwnershipLostError("Another process has taken this run over.") from None

    async def _await_return(self) -> None:
        for _ in range(self._services.return_limit_s):
            await self._services.keeper.renew(self._possession)
            await asyncio.sleep(1)

    async def _hang_up(self) -> None:
        plan, services = self._plan, self._services
        if plan.account is None or plan.call_id is None:
            return
        try:
            await services.carrier_threads.run(services.carrier.hang_up, plan.account, plan.call_id)
        except CarrierError as error:
            # The carrier goes on to the Redirect, which hangs up the call of a finished run.
            logger.warning("hang-up refused", extra={"run_id": plan.run.id, "code": error.code})

    async def _settle(self) -> None:
        services, possession = self._services, self._possession
        await self._writer.flush()
        await self._recordings.join()
        log = await services.keeper.read(possession.run.id)
        final = settled(
            possession.run,
            log,
            engines=services.priced_engines,
            prices=services.prices,
            now=services.clock(),
        )
        await self._finish(await self._with_media(final, log))

    async def _finish(self, final: Run) -> None:
        keeper, ownership = self._services.keeper, self._possession.ownership
        for wait_s in _STORE_WAITS_S:
            try:
                return await keeper.finish(final, ownership)
            except StorageError:
                await asyncio.sleep(wait_s)
        return await keeper.finish(final, ownership)

    async def _with_media(self, run: Run, log: tuple[RunEvent, ...]) -> Run:
        try:
            return await self._services.media_threads.run(self._write_media, run, log)
        except StorageError:
            # The row must not stay live because a bucket is away; the log has the transcript all the same.
            logger.error("recording and transcript not written", extra={"run_id": run.id})  # noqa: TRY400
            return run

    def _write_media(self, run: Run, log: tuple[RunEvent, ...]) -> Run:
        media = self._services.media
        return replace(
            run,
            transcript_key=write_transcript(media, run, log),
            recording_key=join_recording(media, run),
        )

    def _keep_segment(self, stereo: bytes) -> None:
        key = segment_key(self._possession.run, self._possession.ownership.epoch, self._segments)
        self._segments += 1
        self._recordings.put_nowait((key, stereo))

    async def _upload_recordings(self) -> None:
        while True:
            key, stereo = await self._recordings.get()
            await self._upload(key, stereo)
            self._recordings.task_done()

    async def _upload(self, key: str, stereo: bytes) -> None:
        services = self._services
        for wait_s in _STORE_WAITS_S:
            try:
                await services.media_threads.run(services.media.put, key, stereo, "audio/basic")
            except StorageError:
                await asyncio.sleep(wait_s)
            else:
                return
        logger.error("segment of a recording given up", extra={"run_id": self._possession.run.id})


def _number(text: str) -> int:
    """Read a run's id from a path; 0, which no run has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0
