"""The lines of a script: what the person at a simulated phone does next."""

from dataclasses import dataclass
from enum import StrEnum

from offhook.errors import InvalidInputError

_DIGITS = frozenset("0123456789*#ABCD")


class Act(StrEnum):
    """What a line of a script lets the person do."""

    ANSWER = "answer"
    ASK = "ask"
    BEEP = "beep"
    KEYS = "keys"
    SPEAK = "speak"
    SILENCE = "silence"
    INTERRUPT = "interrupt"
    DTMF = "dtmf"
    HANG_UP = "hangup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a script: what the person does next, with the words or the keys."""

    act: Act
    text: str = ""

    @property
    def is_spoken(self) -> bool:
        return self.act in (Act.ANSWER, Act.ASK, Act.SPEAK, Act.INTERRUPT)


def read_line(text: str) -> Line:
    """Read a line of a script: words to say, `silence`, `interrupt:WORDS`, `dtmf:KEYS` or `hangup`.

    `answer:WORDS`, `ask:WORDS` and `beep` do not wait for the other one to speak; what answers `ask:` begins after it. `keys` waits for keys that the other one presses.
    """
    word, colon, rest = text.partition(":")
    if text in (Act.SILENCE, Act.KEYS, Act.HANG_UP):
        return Line(act=Act(text))
    if text == Act.BEEP:
        return Line(act=Act.BEEP, text=text)
    if colon and word in (Act.INTERRUPT, Act.ANSWER, Act.ASK):
        return Line(act=Act(word), text=rest.strip())
    if colon and word == Act.DTMF:
        if not rest or not set(rest) <= _DIGITS:
            raise InvalidInputError("dtmf: takes the keys to press, such as dtmf:5 or dtmf:1234#.")
        return Line(act=Act.DTMF, text=rest)
    return Line(act=Act.SPEAK, text=text.strip())
