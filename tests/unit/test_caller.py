"""The simulated person: answers when it is their turn, interrupts, waits, presses keys, hangs up."""

from itertools import pairwise

import pytest

from local.people.caller import (
    BEFORE_BEEP_MS,
    FETCH_MS,
    INTERRUPT_AFTER_MS,
    KEY_MS,
    PATIENCE_MS,
    QUIET_MS,
    CallerEvent,
    CallerEventKind,
    CallerMachine,
    Said,
)
from local.people.line_noise import NOISE, is_voiced, with_noise
from local.people.lines import read_line
from offhook.errors import InvalidInputError
from streamer.media.mulaw import CHUNK_BYTES, CHUNK_MS, LINEAR

_VOICE = b"\x10\x90" * 80
_SILENCE = b"\xff" * 160


class _Call:
    """A person, and what happened."""

    def __init__(self, *lines: str, speech_ms: int = 400) -> None:
        self.events: list[CallerEvent] = []
        speech = {read_line(line).text: _VOICE * (speech_ms // 20) for line in lines}
        self.person = CallerMachine([read_line(line) for line in lines], speech, on_event=self.events.append)

    def hear(self, chunk: bytes, ms: int) -> list[Said]:
        return [self.person.step(chunk) for _ in range(ms // 20)]

    def hear_turn(self, ms: int = 2_000) -> list[Said]:
        return self.hear(_VOICE, ms) + self.hear(_SILENCE, QUIET_MS + 40)

    def kinds(self) -> list[tuple[CallerEventKind, str]]:
        return [(event.kind, event.text) for event in self.events]


def _voiced_chunks(said: list[Said]) -> int:
    return sum(is_voiced(chunk.audio) for chunk in said)


def test_a_person_speaks_when_the_agent_has_been_quiet_for_a_moment() -> None:
    call = _Call("yes")
    assert _voiced_chunks(call.hear(_SILENCE, 3_000)) == 0
    assert _voiced_chunks(call.hear(_VOICE, 2_000)) == 0
    assert _voiced_chunks(call.hear(_SILENCE, QUIET_MS - 40)) == 0
    assert _voiced_chunks(call.hear(_SILENCE, 1_000)) == 20
    assert call.kinds() == [
        (CallerEventKind.AGENT_BEGINS, ""),
        (CallerEventKind.AGENT_ENDS, ""),
        (CallerEventKind.SAYS, "yes"),
    ]


def test_each_line_answers_a_turn_of_its_own() -> None:
    call = _Call("no", "thursday")
    call.hear_turn()
    assert _voiced_chunks(call.hear(_SILENCE, 5_000)) > 0
    assert [text for kind, text in call.kinds() if kind is CallerEventKind.SAYS] == ["no"]
    call.hear_turn()
    assert [text for kind, text in call.kinds() if kind is CallerEventKind.SAYS] == ["no", "thursday"]


def test_short_pauses_of_the_agent_are_no_invitation_and_a_click_is_no_speech() -> None:
    call = _Call("yes")
    call.hear(_VOICE, 40)
    call.hear(_SILENCE, 2_000)
    for _ in range(5):
        call.hear(_VOICE, 800)
        call.hear(_SILENCE, QUIET_MS - 60)
    assert call.kinds() == [(CallerEventKind.AGENT_BEGINS, "")]


def test_silence_lets_one_turn_pass() -> None:
    call = _Call("silence", "yes")
    call.hear_turn()
    assert CallerEventKind.SAYS not in [kind for kind, _ in call.kinds()]
    call.hear_turn()
    assert call.kinds()[-1] == (CallerEventKind.SAYS, "yes")


def test_an_interruption_begins_a_second_into_the_agents_speech_and_its_effect_is_timed() -> None:
    call = _Call("interrupt:stop it", "thanks")
    assert _voiced_chunks(call.hear(_VOICE, INTERRUPT_AFTER_MS)) == 0
    assert _voiced_chunks(call.hear(_VOICE, 240)) > 0
    call.person.on_clear()
    cleared = call.events[-1]
    assert cleared.kind is CallerEventKind.CLEARED
    assert cleared.reaction_ms is not None
    assert 140 <= cleared.reaction_ms <= 240
    call.hear(_SILENCE, 400)
    call.hear_turn()
    assert call.kinds()[-1] == (CallerEventKind.SAYS, "thanks")


def test_a_clear_without_an_interruption_is_not_timed() -> None:
    call = _Call("yes")
    call.hear(_VOICE, 500)
    call.person.on_clear()
    assert CallerEventKind.CLEARED not in [kind for kind, _ in call.kinds()]


def test_an_agent_too_short_to_interrupt_is_answered() -> None:
    call = _Call("interrupt:wait")
    call.hear_turn(ms=300)
    assert call.kinds()[-1] == (CallerEventKind.SAYS, "wait")


def test_keys_are_pressed_once_at_their_turn() -> None:
    call = _Call("dtmf:5")
    said = call.hear_turn() + call.hear(_SILENCE, 1_000)
    assert [chunk.digit for chunk in said if chunk.digit] == ["5"]


def test_a_person_hangs_up_in_the_middle_of_the_agents_speech() -> None:
    call = _Call("hangup")
    said = call.hear(_VOICE, 1_500)
    assert not any(chunk.hangs_up for chunk in said[: INTERRUPT_AFTER_MS // 20])
    assert said[-1].hangs_up
    assert [kind for kind, _ in call.kinds()].count(CallerEventKind.HANGS_UP) == 1


def test_nobody_holds_a_dead_line_for_ever() -> None:
    call = _Call("yes")
    assert not any(chunk.hangs_up for chunk in call.hear(_SILENCE, PATIENCE_MS - 40))
    assert call.hear(_SILENCE, 100)[-1].hangs_up


def test_the_line_is_never_digitally_silent_and_never_loud() -> None:
    call = _Call()
    said = call.hear(_SILENCE, 5_000)
    assert all(len(chunk.audio) == CHUNK_BYTES for chunk in said)
    assert all(len(set(chunk.audio)) > 3 for chunk in said)
    assert not any(is_voiced(chunk.audio) for chunk in said)


def test_noise_is_at_minus_60_dbfs_and_lies_under_speech() -> None:
    rms = (sum(LINEAR[code] ** 2 for code in NOISE) / len(NOISE)) ** 0.5
    assert 25 < rms < 45
    mixed = with_noise(_VOICE * 100 + _SILENCE * 100)
    assert is_voiced(mixed[:160])
    assert not is_voiced(mixed[-160:])
    assert len(set(mixed[-160:])) > 3


@pytest.mark.parametrize("line", ["dtmf:", "dtmf:5 5", "dtmf:x"])
def test_a_key_that_no_phone_has_is_refused(line: str) -> None:
    with pytest.raises(InvalidInputError, match="takes the keys"):
        read_line(line)


def test_several_keys_are_pressed_one_after_the_other() -> None:
    call = _Call("dtmf:12#", "thanks")
    said = call.hear_turn() + call.hear(_SILENCE, 1_000)
    pressed = [(index, chunk.digit) for index, chunk in enumerate(said) if chunk.digit]
    assert [digit for _, digit in pressed] == ["1", "2", "#"]
    assert {after - before for (before, _), (after, _) in pairwise(pressed)} == {KEY_MS // CHUNK_MS}
    assert (CallerEventKind.SAYS, "thanks") not in call.kinds()


def test_a_machine_speaks_at_once_and_beeps_a_moment_later_and_then_waits() -> None:
    call = _Call("answer:leave a message", "beep", "hangup")
    said = call.hear(_SILENCE, 3_000)
    assert call.kinds() == [
        (CallerEventKind.SAYS, "leave a message"),
        (CallerEventKind.SAYS, "beep"),
    ]
    gap = BEFORE_BEEP_MS // CHUNK_MS - 2
    expected = [True] * 20 + [False] * gap + [True] * 20 + [False]
    assert [is_voiced(chunk.audio) for chunk in said[: len(expected)]] == expected
    call.hear_turn()
    assert (CallerEventKind.HANGS_UP, "") in call.kinds()


def test_keys_that_the_other_end_plays_are_told_from_speech() -> None:
    call = _Call()
    call.person.on_keys("12")
    assert call.kinds() == [(CallerEventKind.HEARS_KEYS, "12")]


def test_whoever_is_asked_for_by_a_key_takes_a_moment_to_come() -> None:
    call = _Call("answer:press one", "keys", "answer:hello")
    call.hear(_SILENCE, 5_000)
    call.hear_turn()
    call.person.on_keys("1")
    call.hear(_SILENCE, FETCH_MS - 40)
    assert [text for kind, text in call.kinds() if kind is CallerEventKind.SAYS] == ["press one"]
    call.hear(_SILENCE, 100)
    assert [text for kind, text in call.kinds() if kind is CallerEventKind.SAYS] == ["press one", "hello"]


def test_who_asks_takes_only_what_begins_after_the_question_for_an_answer() -> None:
    for line, answered in (("ask:who is calling", []), ("answer:hello", ["thanks"])):
        call = _Call(line, "thanks", speech_ms=2_000)
        call.hear(_VOICE, 1_000)
        call.person.on_clear()
        call.hear(_SILENCE, 3_000)
        assert [text for kind, text in call.kinds() if kind is CallerEventKind.SAYS][1:] == answered
        call.hear_turn()
        assert [text for kind, text in call.kinds() if kind is CallerEventKind.SAYS][1:] == ["thanks"]
