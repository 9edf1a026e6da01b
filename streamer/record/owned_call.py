"""One call whose run is ours, from its first event to its row: log, lease, recording, end."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from offhook.errors import CarrierError, OwnershipLostError
from offhook.runs.end_reasons import EndReason
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import (
    DispositionEvent,
    DispositionSource,
    EndEvent,
    ErrorEvent,
    Event,
    StatusEvent,
)
from offhook.runs.log.standing import Standing
from offhook.runs.model import Run, RunStatus
from offhook.sessions.commands import Refusal
from offhook.vocabulary import TransferMode
from streamer.call.call_end import CallEnd
from streamer.conductor.conductor import CallOptions, Conductor
from streamer.conductor.succeeding import Successors
from streamer.conductor.tooling import Toolbox
from streamer.record.call_plan import CallPlan
from streamer.record.call_services import CallServices
from streamer.record.caller_line import CallerLine
from streamer.record.event_writer import EventWriter
from streamer.record.patience import patiently
from streamer.record.possession import Possession
from streamer.record.recording_upload import RecordingUpload
from streamer.record.transfer_place import TransferPlace
from streamer.record.transfers import Transfers

logger = logging.getLogger(__name__)

# What the caller waits for in silence after the last word; the carrier's client gives up later than that.
_SURE_LIMIT_S = 2.0
_HANG_UP_LIMIT_S = 5.0


class OwnedCall:
    """Sees a call through whose run is ours, and keeps the run's record."""

    def __init__(self, services: CallServices, plan: CallPlan, possession: Possession) -> None:
        self._services = services
        self._plan = plan
        self._possession = possession
        self._standing = Standing(possession.run.agent_uuid, possession.log, services.archive.cost_usd)
        self._recording = RecordingUpload(services.keeper, services.archive, possession)
        self._is_in_doubt = asyncio.Event()
        self._is_end_told = asyncio.Event()
        self._writer = EventWriter(
            self._append,
            clock=services.clock,
            next_seq=possession.next_seq,
        )
        self._transfers = Transfers(
            plan,
            possession,
            keeper=services.keeper,
            line=CallerLine(services.carrier, plan),
            place=TransferPlace(
                plan.run,
                telephony=services.telephony,
                ledgers=services.keeper.ledgers,
                threads=services.store_threads,
                clock=services.clock,
            ),
            links=services.links,
            return_limit_s=services.return_limit_s,
            flush=self._writer.flush,
        )

    @property
    def run(self) -> Run:
        """The run, as it was when it became ours."""
        return self._possession.run

    def options(self, successors: Successors) -> CallOptions:
        """Return what the conductor must know of this call."""
        settings = self._plan.settings
        return CallOptions(
            listening=self._plan.listening,
            on_record=self._writer.add,
            organization_id=self._plan.run.organization_id,
            on_recording=self._recording.add if settings.record else None,
            apology=self._plan.apology,
            warm_texts=self._plan.fixed_texts(*self._plan.likely_texts),
            successors=successors,
            shelf=self._services.shelf.of(self._plan.run.organization_id, self._plan.prepared.own_sentences),
            transfers=self._transfers,
            toolbox=Toolbox(
                runner=self._plan.tools.runner,
                run_id=str(self._plan.run.id),
                values=self._plan.values,
                flush=self._writer.flush,
            ),
            no_audio_limit_s=self._plan.no_audio_limit_s,
            idle_limit_s=self._plan.idle_limit_s,
            max_duration_s=self._plan.max_duration_s,
        )

    def miss(self, names: Sequence[str]) -> None:
        """Tell in the log that the agent names engines, or a voice, that the install has not; the call goes on."""
        if names:
            message = f"This install has no {', '.join(names)}, which the agent's settings name: it uses its own instead."
            self._writer.add(
                ErrorEvent(code="engine-not-offered", message=message, node_id=None, recoverable=True)
            )

    def lack(self, tool_uuids: Sequence[str]) -> None:
        """Tell in the log that the agent names tools that can't be used; the call goes on without them."""
        if tool_uuids:
            message = f"These tools can't be used at the moment, or are not there any more: {', '.join(tool_uuids)}."
            self._writer.add(
                ErrorEvent(code="tool-not-offered", message=message, node_id=None, recoverable=True)
            )

    def note(self, event: Event | None) -> None:
        """Write into the log what happened before the call's first word."""
        if event is not None:
            self._writer.add(event)

    async def refusal_of_transfer(self, to: str, mode: TransferMode) -> Refusal | None:
        """Return why this call's caller can't be put through there at all; None where it may be tried."""
        return await self._transfers.refusal_of(to, mode)

    async def flush(self) -> None:
        """Wait until the log holds everything that has happened so far."""
        await self._writer.flush()

    async def until_end_is_told(self) -> None:
        """Wait until the call's end is written; `flush` has the log hold it."""
        await self._is_end_told.wait()

    async def see_through(self, conductor: Conductor) -> None:
        """Conduct the call to its end and settle its run; raise OwnershipLostError when another took it over."""
        keeper, possession = self._services.keeper, self._possession
        self._writer.add(StatusEvent(status=RunStatus.IN_PROGRESS))
        try:
            async with asyncio.TaskGroup() as tasks:
                background = (
                    tasks.create_task(self._note_call_id()),
                    tasks.create_task(self._writer.run()),
                    tasks.create_task(keeper.hold(possession, self._standing)),
                    tasks.create_task(self._confirm(conductor)),
                    tasks.create_task(self._recording.run()),
                    tasks.create_task(self._transfers.clean_up()),
                )
                ended = await conductor.run(tasks)
                # Now, so that who takes the run over after a lost stream finds it in the log.
                self._writer.add(conductor.usage())
                ended = ended or await self._await_end(conductor)
                if ended is not None:
                    await self._tell_end(ended)
                if conductor.must_hang_up:
                    await self._hang_up()
                await conductor.finish()
                if (used := conductor.usage()).engines:
                    self._writer.add(used)
                final = await self._settle()
                for task in background:
                    task.cancel()
                await self._clean_up(final)
        except* OwnershipLostError:
            raise OwnershipLostError("Another process has taken this run over.") from None

    def doubt(self) -> None:
        """Have it be made sure that the run is still ours; the conductor is held until then."""
        self._is_in_doubt.set()

    async def close(self) -> None:
        """Hang up and settle a run whose log had its end already; raise OwnershipLostError."""
        await self._hang_up()
        await self._clean_up(await self._settle())

    async def _append(self, entries: Sequence[LogEntry]) -> None:
        await self._services.keeper.append(self._possession.run.id, entries)
        self._standing.see(entries)

    async def _confirm(self, conductor: Conductor) -> None:
        while True:
            await self._is_in_doubt.wait()
            self._is_in_doubt.clear()
            await self._services.keeper.renew(self._possession)
            conductor.go_on()

    async def _await_end(self, conductor: Conductor) -> CallEnd | None:
        """Wait for what becomes of a caller who is on our stream no more."""
        if conductor.is_away:
            conductor.tell(await self._transfers.await_outcome(lambda: conductor.ended is not None))
        else:
            await self._await_return(conductor)
            conductor.caller_is_gone()
        return conductor.ended

    async def _await_return(self, conductor: Conductor) -> None:
        for _ in range(self._services.return_limit_s):
            if conductor.ended is not None or await self._services.keeper.is_hangup_requested(
                self._possession
            ):
                return
            await self._services.keeper.renew(self._possession)
            await asyncio.sleep(1)

    async def _tell_end(self, ended: CallEnd) -> None:
        """Write the end into the log, before the hang-up: whoever takes the run over must not go on with the call."""
        if ended.reason is EndReason.CALLER:
            ended = await self._caller_or_api(ended)
        source = DispositionSource.WORKFLOW if ended.named_disposition else DispositionSource.SYSTEM
        self._writer.add(DispositionEvent(disposition=ended.disposition, source=source))
        self._writer.add(
            EndEvent(reason=ended.reason, disposition=ended.disposition, duration_ms=ended.duration_ms)
        )
        self._is_end_told.set()

    async def _caller_or_api(self, ended: CallEnd) -> CallEnd:
        # A call that was hung up over the API ends like one whose caller leaves: the row tells which it was.
        is_requested = await self._services.keeper.is_hangup_requested(self._possession)
        return replace(ended, reason=EndReason.HANGUP_REQUESTED) if is_requested else ended

    async def _note_call_id(self) -> None:
        call_id, run = self._plan.call_id, self._plan.run
        if call_id is not None and call_id != run.telephony.call_id:
            await self._services.keeper.note_call_id(run, call_id)

    async def _hang_up(self) -> None:
        plan, services = self._plan, self._services
        account, call_id = plan.account, plan.call_id
        if account is None or call_id is None:
            return
        await self._make_sure()
        try:
            async with asyncio.timeout(_HANG_UP_LIMIT_S):
                await services.carrier.ask(lambda carrier: carrier.hang_up(account, call_id))
        except (CarrierError, TimeoutError) as error:
            # The carrier goes on to the Redirect, which hangs up the call of a finished run.
            code = error.code if isinstance(error, CarrierError) else "carrier-timeout"
            logger.warning("hang-up refused", extra={"run_id": plan.run.id, "code": code})

    async def _make_sure(self) -> None:
        # Who was frozen, and wakes in the belief that the line is dead, must not end a call that goes on elsewhere. But a
        # store that can't tell must not leave the caller on a line where nobody speaks any more.
        with suppress(TimeoutError):
            async with asyncio.timeout(_SURE_LIMIT_S):
                await self._services.keeper.renew(self._possession)

    async def _settle(self) -> Run:
        services, possession = self._services, self._possession
        await self._writer.flush()
        await self._recording.flush()
        log = await patiently(lambda: services.keeper.read(possession.run.id))
        final = await services.archive.final_run(possession.run, log)
        await patiently(lambda: services.keeper.finish(possession, final))
        return final

    async def _clean_up(self, final: Run) -> None:
        # Only now: until the run is finished, the next owner needs the segments of all that came before.
        await self._services.archive.clean_up(final)
