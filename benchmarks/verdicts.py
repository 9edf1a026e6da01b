"""Judges scenes that were played, and sums the judgements up."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from benchmarks.figures import percentile
from benchmarks.one_call import Delays, Played
from benchmarks.scenes import HESITATING, Kind, Scene
from streamer.media.mulaw import CHUNK_BYTES

_FLOOR_LIMIT_MS = 700
"""An interruption is missed when the agent has not given the floor away so long after its end, the engine's delay aside."""


def is_cut_off(scene: Scene, played: Played) -> bool:
    """Say whether the caller heard a reply before they had said all."""
    return played.reply_ms is not None and played.reply_ms < scene.end_ms


def is_missed(scene: Scene, played: Played, delay_ms: int) -> bool:
    """Say whether the agent talked on over, or right after, words that were to interrupt it."""
    latest_ms = scene.end_ms + _FLOOR_LIMIT_MS + delay_ms
    return not any(scene.start_ms <= stop_ms <= latest_ms for stop_ms in played.stops_ms)


def is_exact(played: Played) -> bool:
    """Say whether what was heard is what was to be said, with nothing left out and nothing twice."""
    return b"".join(chunk for _, chunk in played.heard) == played.said[: len(played.heard) * CHUNK_BYTES]


@dataclass(slots=True, kw_only=True)
class Tally:
    """The figures of one policy under one condition with one delay; times in ms."""

    delays: Delays
    scenes: dict[Kind, int] = field(default_factory=dict)
    faults: dict[Kind, int] = field(default_factory=dict)
    replies: list[float] = field(default_factory=list)
    unanswered: int = 0
    questions: int = 0
    silences: list[float] = field(default_factory=list)
    resumptions: list[float] = field(default_factory=list)
    inexact: int = 0

    def add(self, scene: Scene, played: Played) -> None:
        """Judge one more scene."""
        self.scenes[scene.kind] = self.scenes.get(scene.kind, 0) + 1
        if scene.kind.is_turn:
            self._add_turn(scene, played)
        elif scene.kind is Kind.INTERRUPTION:
            self._add_silence(scene, played)
            self._fault(scene, is_missed(scene, played, self.delays.recogniser_ms))
        else:
            self._add_sound(scene, played)

    def percent(self, kinds: Iterable[Kind]) -> float:
        """Return how many percent of such scenes went wrong."""
        kinds = tuple(kinds)
        count = sum(self.scenes.get(kind, 0) for kind in kinds)
        return 100 * sum(self.faults.get(kind, 0) for kind in kinds) / count if count else float("nan")

    def _fault(self, scene: Scene, is_one: bool) -> None:
        self.faults[scene.kind] = self.faults.get(scene.kind, 0) + is_one

    def _add_turn(self, scene: Scene, played: Played) -> None:
        self.questions += played.questions
        was_cut_off = is_cut_off(scene, played)
        self._fault(scene, was_cut_off)
        if played.reply_ms is None:
            self.unanswered += 1
        elif not was_cut_off:
            self.replies.append(played.reply_ms - scene.end_ms)

    def _add_silence(self, scene: Scene, played: Played) -> None:
        silent = [at_ms for at_ms in played.pauses_ms + played.stops_ms if at_ms >= scene.start_ms]
        if silent:
            self.silences.append(min(silent) - scene.start_ms)

    def _add_sound(self, scene: Scene, played: Played) -> None:
        # Also before the sound, by what else is on the line: nobody has asked for the floor.
        self._fault(scene, bool(played.stops_ms))
        if played.stops_ms:
            return
        self.inexact += not is_exact(played)
        if (resumed_ms := max(played.resumes_ms, default=0)) >= scene.start_ms:
            on_ms = next((at_ms for at_ms, _ in played.heard if at_ms >= resumed_ms), resumed_ms)
            self.resumptions.append(max(0, on_ms - scene.end_ms))


HEADER = (
    "                                     heard cut-offs %                       voice to voice  no      model   silent    "
    "  missed       floor falsely taken %               on after     in-\n"
    "policy  engines      line            fluent hesit. (words digits fillers)   p50 /  p95 ms  answer  asked   p50 / p95 ms"
    "  barge-ins %  all (words coughs laughs knocks)   p50 /  p95 ms exact"
)


def line(policy: str, condition: str, tally: Tally) -> str:
    """Return one line of the table."""
    percent = tally.percent
    sounds = [kind for kind in Kind if kind.wants_nothing]
    return "  ".join(
        (
            f"{policy:7} {_engines(tally.delays):11}  {condition:13}",
            f"{percent([Kind.FLUENT]):5.1f}  {percent(HESITATING):5.1f}",
            f"({' '.join(f'{percent([kind]):6.1f}' for kind in HESITATING)}) ",
            f"{_spread(tally.replies)}   {tally.unanswered:6}  {tally.questions:5}",
            f"{_spread(tally.silences)}  {percent([Kind.INTERRUPTION]):8.1f}",
            f"   {percent(sounds):5.1f} ({' '.join(f'{percent([kind]):6.1f}' for kind in sounds)}) ",
            f"{_spread(tally.resumptions)}  {tally.inexact:4}",
        )
    )


def _engines(delays: Delays) -> str:
    parts = (delays.recogniser_ms, delays.model_ms, delays.synthesiser_ms)
    return "+".join(str(part) for part in parts) if any(parts[1:]) else str(parts[0])


def _spread(values: list[float]) -> str:
    return f"{percentile(values, 50):4.0f} / {percentile(values, 95):4.0f}"
