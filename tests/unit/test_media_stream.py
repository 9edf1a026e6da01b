"""The media stream: every message in every state, the two ends back to back, and hostile input."""

import base64
import json
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.errors import ProtocolError
from streamer.media import (
    Audio,
    ClearRequested,
    Connected,
    Digit,
    Event,
    MarkReached,
    MarkRequested,
    MediaStream,
    Role,
    Started,
    State,
    Stopped,
)
from tests.support.tables import each_of

CHUNK = bytes(range(160))
PAYLOAD = base64.b64encode(CHUNK).decode()
STARTED = Started(
    stream_sid="MZ77aa",
    call_sid="CA4411",
    account_sid="acme.cloudonix.net",
    session="sess-0f3b",
    caller="+442079460001",
    called="+12025550143",
    context="inbound",
    custom_parameters={"tier": "gold", "attempt": 2},
    tracks=("inbound",),
    media_format={"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
)


def start_message(**changes: object) -> str:
    """A start message with some keys of its metadata changed; None removes one."""
    metadata: dict[str, object] = {"streamSid": "MZ", "callSid": "CA", "accountSid": "acme", "session": "s1"}
    metadata.update(changes)
    return json.dumps({"event": "start", "start": {k: v for k, v in metadata.items() if v is not None}})


MESSAGES = {
    "connected": '{"event":"connected"}',
    "start": start_message(),
    "media": json.dumps({"event": "media", "media": {"payload": PAYLOAD}}),
    "dtmf": '{"event":"dtmf","dtmf":{"digit":"5"}}',
    "mark": '{"event":"mark","mark":{"name":"greeting"}}',
    "clear": '{"event":"clear"}',
    "stop": '{"event":"stop"}',
    "unknown": '{"event":"weather"}',
    "no event": "{}",
    "not an object": "[]",
    "not json": "hello",
    "empty": "",
}


def agent_in(state: State) -> MediaStream:
    stream = MediaStream(role=Role.AGENT)
    for at, message in (
        (State.EXPECT_CONNECTED, "connected"),
        (State.EXPECT_START, "start"),
        (State.STREAMING, "stop"),
    ):
        if state is at:
            return stream
        stream.receive(MESSAGES[message])
    return stream


def carrier_in(state: State) -> MediaStream:
    stream = MediaStream(role=Role.CARRIER)
    steps: list[tuple[State, Callable[[], str]]] = [
        (State.EXPECT_CONNECTED, stream.connected),
        (State.EXPECT_START, lambda: stream.start(STARTED)),
        (State.STREAMING, stream.stop),
    ]
    for at, step in steps:
        if state is at:
            return stream
        step()
    return stream


AGENT_TABLE: dict[tuple[State, str], tuple[Event | None, State]] = {
    (State.EXPECT_CONNECTED, "connected"): (Connected(), State.EXPECT_START),
    (State.EXPECT_START, "start"): (
        Started(stream_sid="MZ", call_sid="CA", account_sid="acme", session="s1"),
        State.STREAMING,
    ),
    (State.STREAMING, "media"): (Audio(CHUNK), State.STREAMING),
    (State.STREAMING, "dtmf"): (Digit(digit="5"), State.STREAMING),
    (State.STREAMING, "mark"): (MarkReached(name="greeting"), State.STREAMING),
    (State.STREAMING, "stop"): (Stopped(), State.STOPPED),
    (State.STREAMING, "clear"): (None, State.STREAMING),
    (State.STREAMING, "unknown"): (None, State.STREAMING),
    (State.STREAMING, "no event"): (None, State.STREAMING),
    **{(State.STOPPED, name): (None, State.STOPPED) for name in MESSAGES},
}

CARRIER_TABLE: dict[tuple[State, str], tuple[Event | None, State]] = {
    (State.STREAMING, "media"): (Audio(CHUNK), State.STREAMING),
    (State.STREAMING, "mark"): (MarkRequested(name="greeting"), State.STREAMING),
    (State.STREAMING, "clear"): (ClearRequested(), State.STREAMING),
    **{
        (State.STREAMING, name): (None, State.STREAMING)
        for name in ("connected", "start", "dtmf", "stop", "unknown", "no event")
    },
    **{(State.STOPPED, name): (None, State.STOPPED) for name in MESSAGES},
}


@each_of(list(product(State, MESSAGES)))
def test_each_message_in_each_state_of_the_agent(state: State, name: str) -> None:
    check_transition(agent_in(state), state, MESSAGES[name], AGENT_TABLE.get((state, name)))


@each_of(list(product(State, MESSAGES)))
def test_each_message_in_each_state_of_the_carrier(state: State, name: str) -> None:
    check_transition(carrier_in(state), state, MESSAGES[name], CARRIER_TABLE.get((state, name)))


def check_transition(
    stream: MediaStream, state: State, message: str, expected: tuple[Event | None, State] | None
) -> None:
    """A pair that is not in the table is an error that changes nothing."""
    assert stream.state is state
    if expected is None:
        with pytest.raises(ProtocolError):
            stream.receive(message)
        assert stream.state is state
    else:
        assert (stream.receive(message), stream.state) == expected


@pytest.mark.parametrize(
    ("state", "message", "reason"),
    [
        (State.EXPECT_CONNECTED, MESSAGES["start"], "Expected connected event"),
        (State.EXPECT_CONNECTED, "{}", "Expected connected event"),
        (State.EXPECT_CONNECTED, "hello", "Malformed message"),
        (State.EXPECT_START, MESSAGES["media"], "Expected start event"),
        (State.EXPECT_START, '{"event":"start"}', "Missing start metadata"),
        (State.EXPECT_START, '{"event":"start","start":[]}', "Missing start metadata"),
        (State.EXPECT_START, start_message(streamSid=None), "Missing stream identifiers"),
        (State.EXPECT_START, start_message(callSid=""), "Missing stream identifiers"),
        (State.EXPECT_START, start_message(accountSid=7), "Missing stream identifiers"),
        (State.EXPECT_START, start_message(streamSid="x" * 257), "Missing stream identifiers"),
        (State.EXPECT_START, start_message(callSid="\ud800"), "Missing stream identifiers"),
        (State.EXPECT_START, start_message(**{"from": "x" * 257}), "Malformed start metadata"),
        (State.EXPECT_START, start_message(customParameters=[]), "Malformed custom parameters"),
        (State.EXPECT_START, start_message(customParameters={"a": "\udfff"}), "Malformed custom parameters"),
        (
            State.EXPECT_START,
            start_message(customParameters={str(n): 1 for n in range(65)}),
            "Malformed custom parameters",
        ),
        (State.STREAMING, MESSAGES["connected"], "Unexpected connected event"),
        (State.STREAMING, MESSAGES["start"], "Unexpected start event"),
        (State.STREAMING, '{"event":"media"}', "Malformed media message"),
        (State.STREAMING, '{"event":"media","media":{"payload":5}}', "Malformed media message"),
        (State.STREAMING, '{"event":"media","media":{"payload":"%%%"}}', "Malformed media payload"),
        (State.STREAMING, '{"event":"media","media":{"payload":"é"}}', "Malformed media payload"),
        (State.STREAMING, '{"event":"dtmf","dtmf":{"digit":"55"}}', "Malformed dtmf message"),
        (State.STREAMING, '{"event":"mark","mark":{}}', "Malformed mark message"),
        (State.STREAMING, '{"event":"media"} and more', "Malformed message"),
        (State.STREAMING, '{"x":NaN}', "Malformed message"),
        (State.STREAMING, "1" * 5000, "Malformed message"),
        (State.STREAMING, "[" * 60_000, "Malformed message"),
        (State.STREAMING, '{"a":' * 12_000, "Malformed message"),
        (State.STREAMING, " " * 70_000, "Message too large"),
    ],
)
def test_the_reason_says_what_is_wrong(state: State, message: str, reason: str) -> None:
    stream = agent_in(state)
    with pytest.raises(ProtocolError, match=f"^{reason}$"):
        stream.receive(message)
    assert stream.state is state


def test_a_message_may_be_bytes_but_must_be_utf8() -> None:
    stream = agent_in(State.STREAMING)
    assert stream.receive(MESSAGES["media"].encode()) == Audio(CHUNK)
    with pytest.raises(ProtocolError):
        stream.receive(b'{"event":"\xff"}')


def test_white_space_around_a_message_is_fine() -> None:
    assert agent_in(State.STREAMING).receive(f"\n {MESSAGES['dtmf']} \n") == Digit(digit="5")


def test_a_second_of_audio_is_taken_and_more_is_not() -> None:
    stream = agent_in(State.STREAMING)
    longest = base64.b64encode(bytes(8000)).decode()
    too_long = base64.b64encode(bytes(8001)).decode()
    assert stream.receive(json.dumps({"event": "media", "media": {"payload": longest}})) == Audio(bytes(8000))
    with pytest.raises(ProtocolError, match="Media payload too large"):
        stream.receive(json.dumps({"event": "media", "media": {"payload": too_long}}))


def test_audio_of_the_other_track_and_empty_audio_say_nothing() -> None:
    stream = agent_in(State.STREAMING)
    own_voice = {"event": "media", "media": {"track": "outbound", "payload": PAYLOAD}}
    assert stream.receive(json.dumps(own_voice)) is None
    assert stream.receive('{"event":"media","media":{"payload":""}}') is None


def test_a_start_without_session_is_left_to_the_server() -> None:
    started = agent_in(State.EXPECT_START).receive(start_message(session=None))
    assert isinstance(started, Started)
    assert started.session is None


def test_the_session_is_also_found_under_its_other_name() -> None:
    started = agent_in(State.EXPECT_START).receive(start_message(session=None, sessionToken="s2"))
    assert isinstance(started, Started)
    assert started.session == "s2"


def test_the_stream_id_may_stand_beside_the_metadata() -> None:
    message = {"event": "start", "streamSid": "MZ9", "start": {"callSid": "CA", "accountSid": "acme"}}
    stream = agent_in(State.EXPECT_START)
    stream.receive(json.dumps(message))
    assert stream.stream_sid == "MZ9"


def test_custom_parameters_may_be_nested_but_not_deeply() -> None:
    nested: object = "x"
    for _ in range(8):
        nested = {"a": nested}
    started = agent_in(State.EXPECT_START).receive(start_message(customParameters=nested))
    assert isinstance(started, Started)
    with pytest.raises(ProtocolError, match="Malformed custom parameters"):
        agent_in(State.EXPECT_START).receive(start_message(customParameters={"a": nested}))


@pytest.mark.parametrize(
    "media_format",
    [
        None,
        {},
        {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        {"encoding": "Audio/PCMU", "sampleRate": "8000", "channels": None, "bitRate": 64},
        {"sampleRate": 8000.0},
    ],
)
def test_mu_law_by_any_of_its_names_is_fine_and_so_is_silence_about_it(
    media_format: dict[str, object] | None,
) -> None:
    started = agent_in(State.EXPECT_START).receive(start_message(mediaFormat=media_format))
    assert isinstance(started, Started)
    assert started.media_format == (media_format or {})


@pytest.mark.parametrize(
    "media_format",
    [
        {"encoding": "audio/x-alaw", "sampleRate": 8000, "channels": 1},
        {"encoding": "audio/x-mulaw", "sampleRate": 16000, "channels": 1},
        {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 2},
        {"encoding": 0},
        {"sampleRate": [8000]},
        "audio/x-l16",
        [],
    ],
)
def test_another_format_is_refused_with_ours(media_format: object) -> None:
    stream = agent_in(State.EXPECT_START)
    with pytest.raises(
        ProtocolError, match=r"^Unsupported mediaFormat: send audio/x-mulaw, 8000 Hz, 1 channel$"
    ):
        stream.receive(start_message(mediaFormat=media_format))
    assert stream.state is State.EXPECT_START


def test_two_real_ends_hold_a_conversation() -> None:
    agent, carrier = MediaStream(role=Role.AGENT), MediaStream(role=Role.CARRIER)
    assert agent.receive(carrier.connected()) == Connected()
    assert agent.receive(carrier.start(STARTED)) == STARTED
    assert agent.receive(carrier.media(PAYLOAD)) == Audio(CHUNK)
    assert carrier.receive(agent.media(PAYLOAD)) == Audio(CHUNK)
    assert carrier.receive(agent.mark('a "quoted" näme')) == MarkRequested(name='a "quoted" näme')
    assert carrier.receive(agent.clear()) == ClearRequested()
    assert agent.receive(carrier.mark("m1")) == MarkReached(name="m1")
    assert agent.receive(carrier.dtmf("#")) == Digit(digit="#")
    assert agent.receive(carrier.stop()) == Stopped()


def test_what_the_agent_writes_is_the_carriers_form() -> None:
    stream = agent_in(State.STREAMING)
    assert json.loads(stream.media(PAYLOAD)) == {
        "event": "media",
        "streamSid": "MZ",
        "media": {"payload": PAYLOAD},
    }
    assert json.loads(stream.clear()) == {"event": "clear", "streamSid": "MZ"}
    assert json.loads(stream.mark("m")) == {"event": "mark", "streamSid": "MZ", "mark": {"name": "m"}}


@pytest.mark.parametrize("state", [State.EXPECT_CONNECTED, State.EXPECT_START])
def test_nothing_is_written_before_start(state: State) -> None:
    stream = agent_in(state)
    with pytest.raises(ProtocolError):
        stream.media(PAYLOAD)
    with pytest.raises(ProtocolError):
        stream.clear()
    with pytest.raises(ProtocolError):
        stream.mark("m")


def test_the_carrier_writes_its_messages_in_order() -> None:
    stream = MediaStream(role=Role.CARRIER)
    with pytest.raises(ProtocolError):
        stream.start(STARTED)
    stream.connected()
    with pytest.raises(ProtocolError):
        stream.connected()
    with pytest.raises(ProtocolError):
        stream.stop()


def test_only_the_carrier_opens_a_stream() -> None:
    with pytest.raises(ProtocolError):
        MediaStream(role=Role.AGENT).connected()


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(), values, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(
    [
        "event",
        "start",
        "media",
        "dtmf",
        "mark",
        "payload",
        "digit",
        "name",
        "streamSid",
        "callSid",
        "accountSid",
        "session",
        "customParameters",
        "tracks",
        "mediaFormat",
        "track",
        "from",
        "to",
        "context",
    ]
)
NAMES = st.sampled_from(["connected", "start", "media", "dtmf", "mark", "stop", "clear", "inbound"])
LIKELY_MESSAGES = st.dictionaries(
    KEYS, NAMES | JSON_VALUES | st.dictionaries(KEYS, NAMES | JSON_VALUES, max_size=8), max_size=6
).map(json.dumps)
NEARLY_JSON = st.sampled_from(sorted(MESSAGES.values())).flatmap(
    lambda message: st.tuples(st.integers(0, len(message)), st.text(max_size=3)).map(
        lambda change: message[: change[0]] + change[1] + message[change[0] + 1 :]
    )
)
INPUTS = st.one_of(
    st.text(), st.binary(), LIKELY_MESSAGES, NEARLY_JSON, st.sampled_from(sorted(MESSAGES.values()))
)


@pytest.mark.fuzz
@given(role=st.sampled_from(Role), inputs=st.lists(INPUTS, max_size=12))
def test_whatever_comes_only_a_protocol_error_escapes(role: Role, inputs: list[str | bytes]) -> None:
    stream = MediaStream(role=role) if role is Role.AGENT else carrier_in(State.STREAMING)
    for message in inputs:
        before = stream.state
        try:
            event = stream.receive(message)
        except ProtocolError:
            assert stream.state is before
        else:
            check_event(event)


def check_event(event: Event | None) -> None:
    if isinstance(event, Audio):
        assert 0 < len(event.payload) <= 8000
    elif isinstance(event, Started):
        carrier = MediaStream(role=Role.CARRIER)
        carrier.connected()
        assert carrier.start(event).encode()
    elif isinstance(event, MarkReached | MarkRequested):
        assert event.name.encode()


@pytest.mark.fuzz
@given(
    started=st.builds(
        Started,
        stream_sid=st.text('MZ0123456789abcdef"\\é', min_size=1),
        call_sid=st.text(min_size=1, alphabet=st.characters(codec="utf-8")),
        account_sid=st.just("acme"),
        session=st.none() | st.just("s"),
    ),
    audio=st.binary(min_size=1, max_size=400),
)
def test_whatever_one_end_writes_the_other_reads(started: Started, audio: bytes) -> None:
    agent, carrier = MediaStream(role=Role.AGENT), MediaStream(role=Role.CARRIER)
    agent.receive(carrier.connected())
    assert agent.receive(carrier.start(started)) == started
    payload = base64.b64encode(audio).decode()
    assert agent.receive(carrier.media(payload)) == Audio(audio)
    assert carrier.receive(agent.media(payload)) == Audio(audio)
