"""A seeded storm of damaged messages against the media decoder: a million of them under `make fuzz`."""

import random
import tracemalloc

import pytest
from hypothesis import settings

from offhook.errors import ProtocolError
from streamer.media import MediaStream, Role, Started, State

FUZZ_EXAMPLES = 10_000
MOST_GROWTH_BYTES = 200_000

CARRIER = MediaStream(role=Role.CARRIER)
GOOD = (
    CARRIER.connected(),
    CARRIER.start(Started(stream_sid="MZ1", call_sid="CA1", account_sid="acme", session="s1")),
    CARRIER.media("/" * 216),
    CARRIER.dtmf("5"),
    CARRIER.mark("m1"),
    CARRIER.stop(),
)
TRICKS = (
    '"',
    "{",
    "}",
    "[",
    "\\",
    "\x00",
    "null",
    "1e999",
    "-1",
    '"event":',
    "\ud800",
    "é",
    ":",
    ",",
    "true",
)


def mutated(chance: random.Random) -> str | bytes:
    """Return a good message with one to four damages."""
    message = chance.choice(GOOD)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(message) + 1)
        match chance.randrange(5):
            case 0:
                message = message[:at] + message[at + chance.randint(1, 20) :]
            case 1:
                message = message[:at] + chance.choice(TRICKS) + message[at:]
            case 2:
                message = message[:at] + chr(chance.randrange(0x2000)) + message[at + 1 :]
            case 3:
                message = message[:at] + message[at // 2 :]
            case _:
                message = message[:at] + "[" * chance.randint(1, 200) + message[at:]
    return message.encode("utf-8", "surrogatepass") if chance.random() < 0.2 else message


@pytest.mark.fuzz
@pytest.mark.timeout(900)
def test_no_damage_gets_more_than_a_protocol_error_out_of_the_decoder() -> None:
    chance = random.Random(20_261_121)
    messages = 1_000_000 if settings().max_examples >= FUZZ_EXAMPLES else 20_000
    stream, refused = MediaStream(role=Role.AGENT), 0
    stream.receive(GOOD[0])
    stream.receive(GOOD[1])
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(messages):
        if stream.state is not State.STREAMING:
            # Damage has left a good `stop`: the next call.
            stream = MediaStream(role=Role.AGENT)
            stream.receive(GOOD[0])
            stream.receive(GOOD[1])
        try:
            stream.receive(mutated(chance))
        except ProtocolError:
            refused += 1
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refused > messages / 2
    assert after - before < MOST_GROWTH_BYTES
