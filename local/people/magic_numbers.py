"""What happens when a number is dialled at the simulated carrier: its last four digits choose, as at other carriers.

The number of whoever calls in chooses in the same way. `docs/simulated-carrier.md` shows this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.people.lines import read_line
from local.people.scripts import CallerScript, DialReply, Pickup, Reports, StreamFault
from offhook.errors import InvalidInputError
from offhook.workflows.phrases import line_of

FICTIONAL = "+1555555"
"""What numbers of nobody begin with."""

_CONFIRMS = ("yes, that works",)
_WANTS_ANOTHER_DAY = ("no, another day", "thursday", "yes, that is right")
_MACHINE = (
    "answer:please leave a message after the tone",
    "beep",
)
_ASSISTANT = "ask:please say your name and why you are calling"


@dataclass(frozen=True, slots=True, kw_only=True)
class MagicNumber:
    """The last digits of numbers, the name of what they do, and what that is."""

    ending: str
    name: str
    what: str
    script: CallerScript

    @property
    def number(self) -> str:
        """A number that ends so."""
        return FICTIONAL + self.ending


def _number(ending: str, name: str, what: str, *lines: str, **otherwise: Any) -> MagicNumber:
    """A number whose person says these lines, and is otherwise so (`CallerScript`)."""
    return MagicNumber(ending=ending, name=name, what=what, script=CallerScript(lines=lines, **otherwise))


MAGIC_NUMBERS = (
    _number("0100", "confirms", "answers, and says that it works; so does any other number", *_CONFIRMS),
    _number("0101", "another-day", "answers, wants another day, names thursday, says that this is right", *_WANTS_ANOTHER_DAY),
    _number("0102", "silent", "answers, and never says a word"),
    _number("0103", "interrupts", "answers, and talks over the agent; then as 0101", "interrupt:no, another day", "thursday", "yes, that is right"),
    _number("0104", "hangs-up", "answers, and hangs up while the agent speaks", "hangup"),
    _number("0105", "busy", "is busy", pickup=Pickup.BUSY),
    _number("0106", "no-answer", "does not answer", pickup=Pickup.NO_ANSWER),
    _number("0107", "dtmf", "answers with the keys 2 and 1, and says thursday in between", "dtmf:2", "thursday", "dtmf:1"),
    _number("0108", "colleague", "answers and speaks first, as somebody does to whom a call is transferred", "answer:hello, this is the front desk", "yes, put them through"),
    _number("0109", "voicemail", "answers as a machine: a greeting and a beep, then nothing", *_MACHINE),
    _number("0110", "failed", "can't be reached: the call fails", pickup=Pickup.FAILS),
    _number("0111", "congestion", "can't be reached: the network is congested", pickup=Pickup.CONGESTION),
    _number("0112", "no-callback", "does not answer, and nobody is told: no status callback and no CDR", pickup=Pickup.NO_ANSWER, reports=Reports.NONE),
    _number("0113", "cdr-only", "does not answer, and only the CDR tells", pickup=Pickup.NO_ANSWER, reports=Reports.CDR_ONLY),
    _number("0114", "callback-twice", "answers as 0100; each status callback and the CDR come twice", *_CONFIRMS, reports=Reports.TWICE),
    _number("0115", "other-words", "does not answer; the callbacks are forms in the other vocabulary: CallStatus, no-answer", pickup=Pickup.NO_ANSWER, reports=Reports.OTHER_WORDS),
    _number("0116", "screening", "an assistant asks who calls; once it is told, a person comes and says that it works", _ASSISTANT, "hello", *_CONFIRMS),
    _number("0117", "screening-in-vain", "an assistant asks who calls; once it is told, it asks for a message, and beeps", _ASSISTANT, "please leave a message after the tone", "beep"),
    _number("0118", "menu", "a menu; once it gets a key, a person comes and says that it works", "answer:for sales press one", "keys", "answer:hello", *_CONFIRMS),
    _number("0119", "not-in-service", "a message says that the number is not in service", "answer:the number you have dialed is not in service"),
    _number("0120", "drops-socket", "answers as 0101; the media socket drops without stop after three seconds", *_WANTS_ANOTHER_DAY, stream_fault=StreamFault.DROPS),
    _number("0121", "garbage", "answers as 0101; the media socket sends what is not JSON, has wrong types, comes out of order", *_WANTS_ANOTHER_DAY, stream_fault=StreamFault.GARBAGE),
    _number("0122", "media-before-start", "answers as 0101; audio comes before start", *_WANTS_ANOTHER_DAY, stream_fault=StreamFault.MEDIA_BEFORE_START),
    _number("0123", "two-sockets", "answers as 0101; after a second a second socket is opened for the same stream", *_WANTS_ANOTHER_DAY, stream_fault=StreamFault.TWO_SOCKETS),
    _number("0124", "never-starts", "answers as 0101; the media socket says connected, and never start", *_WANTS_ANOTHER_DAY, stream_fault=StreamFault.NEVER_STARTS),
    _number("0130", "dial-429", "the dial is answered 429, with Retry-After", *_CONFIRMS, dial_reply=DialReply.TOO_MANY),
    _number("0131", "dial-500", "the dial is answered 500", *_CONFIRMS, dial_reply=DialReply.FAILS),
    _number("0132", "dial-400", "the dial is answered 400", *_CONFIRMS, dial_reply=DialReply.REFUSES),
    _number("0133", "dial-unanswered", "the dial is never answered, and nobody is called", *_CONFIRMS, dial_reply=DialReply.NEVER),
    _number("0134", "dial-unanswered-calls", "the dial is never answered, and the call comes all the same; then as 0100", *_CONFIRMS, dial_reply=DialReply.NEVER_YET_CALLS),
    _number("0140", "keys-number", "answers with the keys of a telephone number, then says that it is right", "dtmf:4155550100#", "yes, that is right"),
    _number("0141", "dictates", "answers with a telephone number, mends its last digit, says that it is right", "four one five five five five oh one oh oh", "no, the last digit is seven", "yes, that is right"),
    _number("0150", "declines", "rings, and is declined: the carrier says busy", pickup=Pickup.DECLINES),
    _number("0151", "do-not-call", "answers, and wants no such call again", "please do not call me again"),
    _number("0152", "busy-once", "is busy, and the next time answers as 0100, in turns", pickup=Pickup.BUSY, later=CallerScript(lines=_CONFIRMS)),
    _number("0153", "no-answer-once", "does not answer, and the next time does as 0100, in turns", pickup=Pickup.NO_ANSWER, later=CallerScript(lines=_CONFIRMS)),
)  # fmt: skip

SCRIPTS: Mapping[str, CallerScript] = {magic.ending: magic.script for magic in MAGIC_NUMBERS}


def script_for(number: str, scripts: Mapping[str, CallerScript] = SCRIPTS) -> CallerScript:
    """Return the script of a number: its own entry, else that of its last four digits, else the one that says yes."""
    user = number.removeprefix("sip:").partition("@")[0]
    return scripts.get(number) or scripts.get(user[-4:]) or CallerScript(lines=_CONFIRMS)


def spoken() -> tuple[str, ...]:
    """Return all that the people and machines at these numbers say, as it is heard: words alone."""
    texts = (
        line_of(line.text).strip()
        for magic in MAGIC_NUMBERS
        for line in map(read_line, magic.script.lines)
        if line.is_spoken
    )
    return tuple(dict.fromkeys(texts))


def number_of_fault(name: str) -> str:
    """Return the number that has something happen; raise InvalidInputError for an unknown name."""
    for magic in MAGIC_NUMBERS:
        if magic.name == name:
            return magic.number
    raise InvalidInputError(f"There is no fault {name[:40]}: `offhook call --faults` lists them.")
