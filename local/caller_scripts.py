"""What happens when a number is dialled at the simulated carrier: the last four digits choose the person.

| number ends in | what happens |
|---|---|
| 0100, or anything else | answers, and says that it works |
| 0101 | answers, wants another day, names thursday, says that this is right |
| 0102 | answers, and never says a word |
| 0103 | answers, and talks over the agent; then as 0101 |
| 0104 | answers, and hangs up while the agent speaks |
| 0105 | is busy |
| 0106 | does not answer |
| 0107 | answers with the keys 2 and 1, and says thursday in between |
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

DEFAULT_VOICE = "en-us+adam"


class Pickup(StrEnum):
    """What a phone does that is dialled."""

    ANSWERS = "answers"
    BUSY = "busy"
    NO_ANSWER = "no-answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerScript:
    """A person: whether they pick up, what they do (see `local.caller.read_line`), and their voice."""

    lines: tuple[str, ...] = ()
    pickup: Pickup = Pickup.ANSWERS
    voice: str = DEFAULT_VOICE


_CONFIRMS = CallerScript(lines=("yes, that works",))

SCRIPTS: Mapping[str, CallerScript] = {
    "0100": _CONFIRMS,
    "0101": CallerScript(lines=("no, another day", "thursday", "yes, that is right")),
    "0102": CallerScript(),
    "0103": CallerScript(lines=("interrupt:no, another day", "thursday", "yes, that is right")),
    "0104": CallerScript(lines=("hangup",)),
    "0105": CallerScript(pickup=Pickup.BUSY),
    "0106": CallerScript(pickup=Pickup.NO_ANSWER),
    "0107": CallerScript(lines=("dtmf:2", "thursday", "dtmf:1")),
}


def script_for(number: str, scripts: Mapping[str, CallerScript] = SCRIPTS) -> CallerScript:
    """Return the script of a number: its own entry, else that of its last four digits, else the one that says yes."""
    return scripts.get(number) or scripts.get(number[-4:]) or _CONFIRMS
