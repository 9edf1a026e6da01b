"""Calls of runs that exist: the streamer on the real store, bucket and carrier, with engines that do as they are told."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from offhook.clock import system_clock
from offhook.errors import StorageError
from offhook.organizations.limits import Limits
from offhook.runs.ending.media import peaks_key
from offhook.runs.ledger import Admission
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import (
    DispositionEvent,
    DtmfEvent,
    EndEvent,
    PlaybackEvent,
    TakeoverEvent,
    UsageEvent,
)
from offhook.runs.log.projections import transcript, transcript_document
from offhook.runs.model import RunStatus
from offhook.runs.ports import EventLog
from streamer.sockets.close_codes import CloseCode
from tests.support.engines import (
    spoken,
)
from tests.support.makers import make_event
from tests.support.phone import STARTED, dial
from tests.support.town import LINKS, UTTERANCE, Town, hear_greeting, hearing, say_and_hear

pytestmark = pytest.mark.every_python

GREETING = ["Hello Ada.", "Does Monday still suit you?"]
WARM = [
    "I am sorry, something went wrong on our side.",
    "Please try again later.",
    "Goodbye.",
    "Are you still there?",
    "I can't hear you, so I will hang up now.",
]


def wav_tracks(wav: bytes) -> tuple[bytes, bytes]:
    """Return the left and the right track of a stereo mu-law WAV file."""
    assert (wav[:4], wav[8:16]) == (b"RIFF", b"WAVEfmt ")
    assert int.from_bytes(wav[20:22], "little") == 7
    assert int.from_bytes(wav[22:24], "little") == 2
    start = wav.index(b"data") + 8
    assert int.from_bytes(wav[start - 4 : start], "little") == len(wav) - start
    return wav[start::2], wav[start + 1 :: 2]


async def test_a_whole_call_leaves_a_whole_run(town: Town) -> None:
    async with (
        town.streamer(engines=hearing("no another day", "on tuesday please")) as server,
        dial(server.port, town.path()) as phone,
    ):
        await phone.start()
        await hear_greeting(phone)
        await say_and_hear(phone, 1)
        await say_and_hear(phone, 2)
        assert await phone.wait_closed() == CloseCode.NORMAL
    answers = ["Which day would suit you better?", "tuesday it is.", "Goodbye."]
    run, log = town.stored_run, town.log
    assert (run.status, run.disposition, run.end_reason) == (RunStatus.COMPLETED, "rescheduled", "end_call")
    assert run.gathered_context == {"day": "tuesday"}
    assert run.error is None
    assert run.ownership is None
    assert None not in (run.answered_at, run.ended_at)
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert [segment.text for segment in transcript(log)] == [
        *GREETING,
        "no another day",
        answers[0],
        "on tuesday please",
        *answers[1:],
    ]
    assert run.usage is not None
    # Each text is synthesised once: the goodbye was among the clips made while nobody waited.
    assert run.usage["tts_characters"] == sum(map(len, {*WARM, *GREETING, *answers}))
    assert run.cost is not None
    assert run.cost["total_usd"] == run.cost["infrastructure_usd"]
    assert run.cost["total_usd"] != 0
    assert run.latency is not None
    assert run.latency["turns"] == 2


async def test_a_call_leaves_its_transcript_and_its_recording(town: Town) -> None:
    async with (
        town.streamer(engines=hearing("yes")) as server,
        dial(server.port, town.path()) as phone,
    ):
        await phone.start()
        await hear_greeting(phone)
        await say_and_hear(phone, 2)
        await phone.wait_closed()
    run = town.stored_run
    assert run.transcript_key is not None
    assert run.recording_key is not None
    document = json.loads(town.media.get(run.transcript_key))
    assert document == json.loads(json.dumps(transcript_document(transcript(town.log))))
    caller, agent = wav_tracks(town.media.get(run.recording_key))
    assert caller.strip(b"\xff") == UTTERANCE.strip(b"\xff")
    assert agent.startswith(spoken(GREETING[0])[:160])
    assert len(caller) == len(agent)
    prefix = run.recording_key.rsplit("/", 1)[0]
    assert town.media.keys(prefix) == sorted(
        [run.recording_key, peaks_key(run.recording_key), run.transcript_key]
    )


async def test_the_agent_hangs_up_over_rest_and_the_caller_by_itself(town: Town) -> None:
    async with (
        town.streamer(engines=hearing("yes")) as server,
        dial(server.port, town.path()) as phone,
    ):
        await phone.start(replace(STARTED, session="from-the-start"))
        await hear_greeting(phone)
        await say_and_hear(phone, 2)
        await phone.wait_closed()
    (asked,) = town.carrier.asked
    assert (asked.method, asked.path) == (
        "DELETE",
        "/customers/self/domains/acme.cloudonix.net/sessions/from-the-start",
    )
    assert asked.authorization == "Bearer secret-token"


async def test_a_caller_who_hangs_up_completes_the_run(town: Town) -> None:
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await phone.start()
        await phone.wait_until(lambda: bool(phone.audio))
        await phone.hang_up()
    run = town.stored_run
    assert (run.status, run.disposition) == (RunStatus.COMPLETED, "user_hangup")
    assert town.carrier.asked == []


async def test_a_call_that_was_hung_up_over_the_api_says_so(town: Town) -> None:
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await phone.start()
        await phone.wait_until(lambda: bool(phone.audio))
        town.store.runs.request_hangup(town.run, system_clock())
        await phone.hang_up()
    run = town.stored_run
    assert (run.status, run.disposition, run.end_reason) == (
        RunStatus.COMPLETED,
        "canceled",
        "hangup_requested",
    )
    (end,) = town.told(EndEvent)
    assert (end["reason"], end["disposition"]) == ("hangup_requested", "canceled")
    assert town.told(DispositionEvent) == [{"disposition": "canceled", "source": "system"}]
    assert isinstance(town.log[-1].event, EndEvent)


async def test_the_id_of_a_call_is_what_its_stream_says(town: Town) -> None:
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await phone.start(replace(STARTED, session="from-the-start"))
        await town.until(lambda: town.stored_run.telephony.call_id == "from-the-start")
        await phone.hang_up()
    assert town.stored_run.telephony.call_id == "from-the-start"


async def test_the_end_of_a_call_gives_its_place_back(town: Town) -> None:
    admission = Admission(
        organization_id=town.run.organization_id,
        run_id=town.run.id,
        agent_uuid=town.run.agent_uuid,
        limits=Limits(),
    )
    town.store.ledgers.admit(admission, system_clock())
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await phone.start()
        await phone.hang_up()
    await town.until(lambda: not town.store.ledgers.get(town.run.organization_id).live)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path[:-1] + ("A" if path[-1] != "A" else "B"),
        lambda path: path.replace("/1.", "/2."),
        lambda path: path.rsplit("/", 1)[0] + "/token",
        lambda path: path.replace("/ws/", "/ws/1"),
        lambda path: "/api/v1/telephony/ws/" + "9" * 5000 + "/1.token",
        lambda path: "/api/v1/telephony/ws/x/1.token",
    ],
)
async def test_a_token_that_is_not_this_runs_stores_nothing(town: Town, spoil: Callable[[str], str]) -> None:
    async with town.streamer() as server, dial(server.port, spoil(town.path())) as phone:
        await phone.start()
        assert await phone.wait_closed() == CloseCode.REFUSED
    assert town.stored_run == town.run
    assert town.log == []


async def test_a_run_that_is_not_stored_is_refused(town: Town) -> None:
    path = LINKS.media_url(town.run.id + 1000, 1).removeprefix("wss://offhook.test")
    async with town.streamer() as server, dial(server.port, path) as phone:
        await phone.start()
        assert await phone.wait_closed() == CloseCode.REFUSED


async def test_a_handshake_that_never_comes_leaves_the_run_as_it_was(town: Town) -> None:
    async with (
        town.streamer(handshake_limit_s=0.05) as server,
        dial(server.port, town.path()) as phone,
    ):
        assert await phone.wait_closed() == CloseCode.HANDSHAKE_TIMEOUT
    assert town.stored_run == town.run
    assert town.log == []


async def test_an_earlier_stream_than_the_present_one_is_refused(town: Town) -> None:
    town.store.runs.begin_stream(town.run)
    async with town.streamer() as server, dial(server.port, town.path(1)) as phone:
        await phone.start()
        assert await phone.wait_closed() == CloseCode.TAKEN_OVER
    assert town.log == []


async def test_a_run_that_is_over_takes_no_more_calls(town: Town) -> None:
    town.store.runs.advance(town.run, RunStatus.CANCELED)
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await phone.start()
        assert await phone.wait_closed() == CloseCode.REFUSED
    assert town.log == []


async def test_a_second_stream_takes_the_call_over_from_a_living_first(town: Town) -> None:
    async with (
        town.streamer() as first,
        town.streamer(engines=hearing("yes")) as second,
        dial(first.port, town.path(1)) as old,
    ):
        await old.start()
        await hear_greeting(old)
        await town.until(lambda: len(town.told(PlaybackEvent)) == 2)
        town.store.runs.begin_stream(town.run)
        async with dial(second.port, town.path(2)) as new:
            await new.start()
            await town.until(lambda: len(town.told(TakeoverEvent)) == 2)
            await old.press("9")
            assert await old.wait_closed() == CloseCode.TAKEN_OVER
            await say_and_hear(new, 2)
            assert await new.wait_closed() == CloseCode.NORMAL
    log = town.log
    assert town.stored_run.status is RunStatus.COMPLETED
    assert town.stored_run.disposition == "confirmed"
    assert town.told(DtmfEvent) == []
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert [segment.text for segment in transcript(log)] == [
        *GREETING,
        "yes",
        "See you on Monday.",
        "Goodbye.",
    ]
    assert len(town.told(EndEvent)) == 1


async def test_a_call_whose_stream_broke_off_goes_on_in_the_next(town: Town) -> None:
    async with (
        town.streamer() as first,
        town.streamer(engines=hearing("yes")) as second,
    ):
        async with dial(first.port, town.path(1)) as old:
            await old.start()
            await hear_greeting(old)
            await town.until(lambda: len(town.told(PlaybackEvent)) == 2)
            old.drop()
        await town.until(lambda: len(town.told(UsageEvent)) == 1)
        town.store.runs.begin_stream(town.run)
        async with dial(second.port, town.path(2)) as new:
            await new.start()
            await town.until(lambda: len(town.told(TakeoverEvent)) == 2)
            await say_and_hear(new, 2)
            assert await new.wait_closed() == CloseCode.NORMAL
    assert town.stored_run.status is RunStatus.COMPLETED
    assert [segment.text for segment in transcript(town.log)][:3] == [*GREETING, "yes"]
    assert len(town.told(UsageEvent)) == 2
    assert len(town.told(EndEvent)) == 1


async def test_a_carrier_that_comes_back_to_a_full_streamer_finds_its_own_place(town: Town) -> None:
    async with town.streamer(max_calls=1, engines=hearing("yes")) as server:
        async with dial(server.port, town.path(1)) as old:
            await old.start()
            await hear_greeting(old)
            await town.until(lambda: len(town.told(PlaybackEvent)) == 2)
            old.drop()
        await town.until(lambda: len(town.told(UsageEvent)) == 1)
        town.store.runs.begin_stream(town.run)
        async with dial(server.port, town.path(2)) as new:
            await new.start()
            await town.until(lambda: len(town.told(TakeoverEvent)) == 2)
            await say_and_hear(new, 2)
            assert await new.wait_closed() == CloseCode.NORMAL
    assert town.stored_run.status is RunStatus.COMPLETED


async def test_a_call_whose_stream_broke_off_for_good_is_over(town: Town) -> None:
    async with town.streamer(return_limit_s=0) as server, dial(server.port, town.path()) as phone:
        await phone.start()
        await phone.wait_until(lambda: bool(phone.audio))
        phone.drop()
    assert town.stored_run.status is RunStatus.COMPLETED
    assert town.stored_run.end_reason == "user_hangup"


class NoBucket:
    """A bucket that is away."""

    def put(self, key: str, body: bytes, content_type: str) -> None:
        raise StorageError("The bucket is away.")

    def get(self, key: str) -> bytes:
        raise StorageError("The bucket is away.")

    def keys(self, prefix: str) -> list[str]:
        raise StorageError("The bucket is away.")

    def delete(self, keys: object) -> None:
        raise StorageError("The bucket is away.")

    def link(self, key: str, *, seconds: int, download_name: str) -> str:
        raise StorageError("The bucket is away.")


async def test_a_bucket_that_is_away_costs_the_recording_and_not_the_run(town: Town) -> None:
    async with (
        town.streamer(media=NoBucket()) as server,
        dial(server.port, town.path()) as phone,
    ):
        await phone.start()
        await phone.wait_until(lambda: bool(phone.audio))
        await phone.hang_up()
    run = town.stored_run
    assert (run.status, run.recording_key, run.transcript_key) == (RunStatus.COMPLETED, None, None)
    assert run.usage is not None


class MoodyLog:
    """A log that cannot be read a few times."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self.failures = 0

    def append(self, run_id: int, events: Sequence[LogEntry]) -> None:
        self._log.append(run_id, events)

    def delete(self, run_id: int) -> None:
        self._log.delete(run_id)

    def follow(self, run_id: int, last_seq: int) -> Iterator[LogEntry]:
        return self._log.follow(run_id, last_seq)

    def ends(self, run_id: int) -> tuple[int, int]:
        return self._log.ends(run_id)

    def read(self, run_id: int, *, after_seq: int = 0, consistent: bool = False) -> Iterator[LogEntry]:
        if self.failures:
            self.failures -= 1
            raise StorageError("The log is away.")
        return self._log.read(run_id, after_seq=after_seq, consistent=consistent)


async def test_a_log_that_is_away_for_a_moment_costs_nothing(town: Town) -> None:
    log = MoodyLog(town.store.events)
    async with town.streamer(log=log) as server, dial(server.port, town.path()) as phone:
        await phone.start()
        await phone.wait_until(lambda: bool(phone.audio))
        log.failures = 1
        await phone.hang_up()
    assert log.failures == 0
    assert town.stored_run.status is RunStatus.COMPLETED


async def test_a_run_whose_log_has_its_end_is_settled_and_not_called_again(town: Town) -> None:
    town.store.events.append(
        town.run.id,
        [
            make_event(1, "node", to="confirmed"),
            make_event(2, "disposition", disposition="confirmed"),
            make_event(3, "end", reason="end_call", disposition="confirmed"),
        ],
    )
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await phone.start()
        assert await phone.wait_closed() == CloseCode.NORMAL
        assert phone.audio == b""
    run = town.stored_run
    assert (run.status, run.disposition, run.end_reason) == (RunStatus.COMPLETED, "confirmed", "end_call")
    assert [asked.method for asked in town.carrier.asked] == ["DELETE"]
    assert [entry.event.type for entry in town.log[3:]] == ["takeover"]


# Without a recording, so that only the hang-up asks whose run it is.
@pytest.mark.parametrize("agent_settings", [{"record": False}])
async def test_who_has_lost_the_run_hangs_nobody_up(town: Town) -> None:
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await phone.start()
        await hear_greeting(phone)
        await phone.press("1")
        await phone.wait_until(lambda: len(phone.marks) == 4)
        town.store.runs.take_over(town.stored_run, "another", system_clock())
        for mark in phone.marks[2:]:
            await phone.confirm(mark)
        assert await phone.wait_closed() == CloseCode.TAKEN_OVER
    assert town.carrier.asked == []


async def test_who_has_lost_the_run_adds_nothing_to_its_recording(town: Town) -> None:
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await phone.start()
        await hear_greeting(phone)
        await phone.say(UTTERANCE)
        town.store.runs.take_over(town.stored_run, "another", system_clock())
        await phone.hang_up()
    assert town.media.keys(f"org/{town.run.organization_id}/run/{town.run.id}/") == []


async def test_a_task_that_loses_the_run_at_its_end_leaves_the_segments(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = town.media.put

    def put_late(key: str, body: bytes, content_type: str) -> None:
        put(key, body, content_type)
        if key.endswith(".wav"):
            town.store.runs.take_over(town.stored_run, "another", system_clock())

    monkeypatch.setattr(town.media, "put", put_late)
    async with town.streamer() as server, dial(server.port, town.path()) as phone:
        await phone.start()
        await phone.wait_until(lambda: bool(phone.audio))
        await phone.say(UTTERANCE)
        await phone.hang_up()
    prefix = f"org/{town.run.organization_id}/run/{town.run.id}/segments/"
    assert town.stored_run.status is RunStatus.IN_PROGRESS
    assert len(town.media.keys(prefix)) == 1
