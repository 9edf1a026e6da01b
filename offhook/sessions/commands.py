"""Commands: what somebody wants done to a live call, by whichever process they have reached.

Who holds the call carries them out. Others put them into that process's mailbox, where each is claimed, carried out, and
acknowledged once the run's log holds what was done.
"""

from dataclasses import asdict, dataclass, field
from typing import TypeAlias

from offhook.dialable import HOW_TO_WRITE, is_dialable
from offhook.errors import InvalidInputError
from offhook.json_types import JsonObject
from offhook.runs.end_reasons import EndReason
from offhook.vocabulary import InjectRole, TransferMode

MOST_CHARACTERS = 4000
"""Of a text that is given to a call: some four minutes of speech. With it a letter stays a few kilobytes."""

MOST_DIGITS = 32
_DIGITS = frozenset("0123456789*#ABCD")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inject:
    """Add a text to the call; `interrupt` has the agent fall silent for it."""

    id: str
    text: str
    role: InjectRole = InjectRole.SYSTEM
    interrupt: bool = False

    def __post_init__(self) -> None:
        if not self.text.strip() or len(self.text) > MOST_CHARACTERS:
            raise _wrong_length("text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupt:
    """Have the agent fall silent, as if the caller had taken the floor."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dtmf:
    """Press keys in the caller's place, one after the other: each of `0-9`, `*`, `#`, `A-D`."""

    id: str
    digits: str

    def __post_init__(self) -> None:
        if not 1 <= len(self.digits) <= MOST_DIGITS or not set(self.digits) <= _DIGITS:
            raise InvalidInputError.at("digits", msg=f"Give 1 to {MOST_DIGITS} keys of 0-9, *, # and A-D.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Steer:
    """Change how the agent goes on; None leaves a thing as it is."""

    id: str
    instructions: str | None = None
    voice: str | None = None
    temperature: float | None = None
    mute: bool | None = None

    def __post_init__(self) -> None:
        # Empty instructions end those of before.
        for name in ("instructions", "voice"):
            if len(getattr(self, name) or "") > MOST_CHARACTERS:
                raise _wrong_length(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Put the caller through to `to`, who hears `summary` first if it is warm. None of it is a template.

    The caller hears `say` before: None is the agent's own sentence, an empty one nothing.
    """

    id: str
    to: str = field(repr=False)
    mode: TransferMode = TransferMode.COLD
    summary: str = field(default="", repr=False)
    say: str | None = None
    timeout_seconds: int = 30

    def __post_init__(self) -> None:
        if not is_dialable(self.to):
            raise InvalidInputError.at("to", msg=HOW_TO_WRITE)


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """End the call."""

    id: str
    reason: EndReason = EndReason.HANGUP_REQUESTED


Command: TypeAlias = Inject | Interrupt | Dtmf | Steer | Transfer | End
"""What can be wanted. The `id` is made by us, one for each wish, and is no word of a client's: what is sent again under
the same id is done once."""

_TYPES: dict[str, type[Command]] = {
    "inject": Inject,
    "interrupt": Interrupt,
    "dtmf": Dtmf,
    "steer": Steer,
    "transfer": Transfer,
    "end": End,
}
_NAMES = {type_: name for name, type_ in _TYPES.items()}
_ENUMS = {"role": InjectRole, "mode": TransferMode, "reason": EndReason}


def to_document(command: Command) -> JsonObject:
    """Write a command as JSON; None is left out."""
    fields = {name: value for name, value in asdict(command).items() if value is not None}
    return {"type": _NAMES[type(command)], **fields}


def from_document(document: JsonObject) -> Command | None:
    """Read a command; None for one of another release, which this one can't carry out."""
    fields = dict(document)
    type_ = _TYPES.get(str(fields.pop("type", None)))
    try:
        for name, enum in _ENUMS.items():
            if name in fields:
                fields[name] = enum(fields[name])
        return None if type_ is None else type_(**fields)  # type: ignore[arg-type]  # checked by whoever wrote it
    except (TypeError, ValueError, InvalidInputError):
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a command was not carried out: a kebab-case code, and a sentence."""

    code: str
    detail: str


def _wrong_length(name: str) -> InvalidInputError:
    return InvalidInputError.at(name, msg=f"Give 1 to {MOST_CHARACTERS} characters.")
