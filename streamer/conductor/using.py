"""What a call's engines have done, told turn by turn, and each time only what came since."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from offhook.runs.log.events import (
    TOKENS,
    EnginePart,
    EngineUse,
    Event,
    ModelTokens,
    Speaker,
    SpeechEvent,
    SpeechState,
    TranscriptEvent,
    UsageEvent,
)


class Using:
    """Follows the events of a call: the caller's first sound after a reply ends the turn that was replied to."""

    def __init__(self, engines: Callable[[], Iterable[EngineUse]]) -> None:
        self._engines = engines
        self._told: dict[EngineUse, EngineUse] = {}
        self._has_replied = False

    def ends_turn(self, event: Event) -> bool:
        """Say whether a turn is over with this event, which is about to be told."""
        match event:
            case TranscriptEvent(speaker=Speaker.AGENT):
                self._has_replied = True
            case SpeechEvent(state=SpeechState.STARTED) if self._has_replied:
                self._has_replied = False
                return True
        return False

    def take(self, turn: int) -> UsageEvent:
        """Return what was done since the last time."""
        new = tuple(use for use in map(self._since, self._engines()) if use != _name_of(use))
        return UsageEvent(
            stt_seconds=round(sum(use.seconds for use in new), 2),
            tts_characters=sum(use.characters for use in new),
            llm=ModelTokens(**{name: sum(getattr(use, name) for use in new) for name in TOKENS}),
            turn=turn,
            engines=new,
        )

    def _since(self, use: EngineUse) -> EngineUse:
        name = _name_of(use)
        before, self._told[name] = self._told.get(name, name), use
        since = use - before
        return replace(since, seconds=round(since.seconds, 3))


def _name_of(use: EngineUse) -> EngineUse:
    return EngineUse(part=use.part, engine=use.engine, stream=use.stream)


def recognised(streams: Iterable[tuple[str, float]]) -> Iterable[EngineUse]:
    """Return what recognisers did, given the engine of each stream and the seconds that it heard."""
    for number, (engine, seconds) in enumerate(streams, 1):
        yield EngineUse(part=EnginePart.RECOGNISER, engine=engine, stream=number, seconds=round(seconds, 3))
