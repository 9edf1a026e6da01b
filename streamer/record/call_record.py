"""The durable side of one call: its log, its lease, its recording, and the row at its end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from offhook.errors import CarrierError, OwnershipLostError, StorageError
from offhook.runs.end_reasons import EndReason
from offhook.runs.ending.media import delete_leftovers, join_recording, segment_key, write_transcript
from offhook.runs.ending.settling import settled
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import DispositionEvent, DispositionSource, EndEvent, StatusEvent
from offhook.runs.model import Run, RunStatus
from streamer.call.call_end import CallEnd
from streamer.conductor.conductor import CallOptions, Conductor
from streamer.record.call_plan import CallPlan
from streamer.record.call_services import CallServices
from streamer.record.event_writer import EventWriter
from streamer.record.possession import Possession
from streamer.record.transfers import Transfers

T = TypeVar("T")

logger = logging.getLogger(__name__)

# A store that is away for a moment costs nothing; for longer, ten seconds of recording, or the end of the run.
_STORE_WAITS_S = (0.5, 2, 5)


class CallRecord:
    """Keeps the record of one call whose run is ours."""

    def __init__(self, services: CallServices, plan: CallPlan, possession: Possession) -> None:
        self._services = services
        self._plan = plan
        self._possession = possession
        self._recordings: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        self._segments = 0
        self._is_in_doubt = asyncio.Event()
        self._writer = EventWriter(
            lambda events: services.keeper.append(possession.run.id, events),
            clock=services.clock,
            next_seq=possession.next_seq,
        )
        self._transfers = Transfers(services, plan, possession, self._writer.flush)

    def options(self) -> CallOptions:
        """Return what the conductor must know of this call."""
        settings = self._plan.settings
        return CallOptions(
            voice=settings.voice,
            language=settings.language,
            on_record=self._writer.add,
            on_recording=self._keep_segment if settings.record else None,
            warm_texts=self._plan.warm_texts(),
            transfers=self._transfers,
            max_duration_s=self._plan.max_duration_s,
        )

    async def see_through(self, conductor: Conductor) -> None:
        """Conduct the call to its end and settle its run; raise OwnershipLostError when another took it over."""
        keeper, possession = self._services.keeper, self._possession
        self._writer.add(StatusEvent(status=RunStatus.IN_PROGRESS))
        try:
            async with asyncio.TaskGroup() as tasks:
                background = (
                    tasks.create_task(self._note_call_id()),
                    tasks.create_task(self._writer.run()),
                    tasks.create_task(keeper.hold(possession)),
                    tasks.create_task(self._confirm(conductor)),
                    tasks.create_task(self._upload_recordings()),
                    tasks.create_task(self._transfers.clean_up()),
                )
                ended = await conductor.run()
                # Now, so that who takes the run over after a lost stream finds it in the log.
                self._writer.add(conductor.usage())
                ended = ended or await self._await_end(conductor)
                if ended is not None:
                    await self._tell_end(ended)
                if conductor.must_hang_up:
                    await self._hang_up()
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
            await self._await_return()
            conductor.caller_is_gone()
        return conductor.ended

    async def _await_return(self) -> None:
        for _ in range(self._services.return_limit_s):
            if await self._services.keeper.is_hangup_requested(self._possession):
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
        if plan.account is None or plan.call_id is None:
            return
        # Who was frozen, and wakes in the belief that the line is dead, must not end a call that goes on elsewhere.
        await services.keeper.renew(self._possession)
        try:
            await services.carrier_threads.run(services.carrier.hang_up, plan.account, plan.call_id)
        except CarrierError as error:
            # The carrier goes on to the Redirect, which hangs up the call of a finished run.
            logger.warning("hang-up refused", extra={"run_id": plan.run.id, "code": error.code})

    async def _settle(self) -> Run:
        services, possession = self._services, self._possession
        await self._writer.flush()
        await self._recordings.join()
        log = await _patiently(lambda: services.keeper.read(possession.run.id))
        final = settled(
            possession.run,
            log,
            engines=services.priced_engines,
            prices=services.prices,
            now=services.clock(),
        )
        final = await self._with_media(final, log)
        await _patiently(lambda: services.keeper.finish(final, possession.ownership))
        return final

    async def _with_media(self, run: Run, log: tuple[LogEntry, ...]) -> Run:
        try:
            return await self._services.media_threads.run(self._write_media, run, log)
        except StorageError:
            # The row must not stay live because a bucket is away; the log has the transcript all the same.
            logger.error("recording and transcript not written", extra={"run_id": run.id})  # noqa: TRY400
            return run

    async def _clean_up(self, final: Run) -> None:
        # Only now: until the run is finished, the next owner needs the segments of all that came before.
        if final.recording_key is None:
            return
        services = self._services
        try:
            await services.media_threads.run(delete_leftovers, services.media, final)
        except StorageError:
            logger.warning("segments of a recording not deleted", extra={"run_id": final.id})

    def _write_media(self, run: Run, log: tuple[LogEntry, ...]) -> Run:
        media = self._services.media
        return replace(
            run,
            transcript_key=write_transcript(media, run, log),
            recording_key=join_recording(media, run, log),
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
        # A process that was frozen must not add to the recording of a call that has gone on without it.
        await services.keeper.renew(self._possession)
        try:
            await _patiently(
                lambda: services.media_threads.run(services.media.put, key, stereo, "audio/basic")
            )
        except StorageError:
            logger.error("segment of a recording given up", extra={"run_id": self._possession.run.id})  # noqa: TRY400


async def _patiently(attempt: Callable[[], Awaitable[T]]) -> T:
    """Try again while the store is away, for as long as a call's end may wait; raise the last StorageError."""
    for wait_s in _STORE_WAITS_S:
        try:
            return await attempt()
        except StorageError:
            await asyncio.sleep(wait_s)
    return await attempt()
