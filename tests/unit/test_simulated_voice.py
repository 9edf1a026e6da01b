"""The simulator's voice keeps what it has made, but not for ever."""

from collections.abc import AsyncIterator

from local.cloudonix.simulator import _MOST_TEXTS, _Voice
from streamer.speech.ports import Order, Voice


class _Synthesiser:
    def __init__(self) -> None:
        self.asked: list[str] = []

    async def synthesise(
        self, text: str, *, voice: Voice, order: Order | None = None
    ) -> AsyncIterator[bytes]:
        self.asked.append(text)
        yield bytes(160)


async def test_a_text_is_made_once_and_again_when_many_others_have_followed() -> None:
    synthesiser = _Synthesiser()
    voice = _Voice(synthesiser)
    for text in ("first", "first", *map(str, range(_MOST_TEXTS)), "first"):
        await voice.speech(text)
    assert synthesiser.asked.count("first") == 2
    assert len(voice._made) == _MOST_TEXTS
