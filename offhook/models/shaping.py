"""What every model accepts: turns that begin with the caller, alternate, hold no empty text and end with the caller.

Converse refuses what does not (ValidationException), and so do the chat templates of open models: a conversation that
begins with the assistant, the same role twice, empty text, a tool's result that does not follow its use at once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from offhook.json_types import JsonObject
from offhook.models.requests import ChatLine, Line, ModelRequest, ToolOutcome, ToolSpec, ToolUse

BEGINNING = "[The caller is on the line.]"
GOING_ON = "[The caller has said nothing more. Go on.]"
"""What stands where the caller should have said something, and has not."""

NOBODY = "You are talking with a caller on the phone."
"""What is told to a model that is told nothing else."""

_NOT_KNOWN = "It is not known whether this was done."
_NO_WORDS = "The tool has answered without words."


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one side says and does before the other's turn.

    The assistant's begins with its text, the user's with the outcomes of the tools that were used in the turn before.
    """

    is_users: bool
    text: str = ""
    uses: tuple[ToolUse, ...] = ()
    outcomes: tuple[ToolOutcome, ...] = ()


def turns_of(request: ModelRequest) -> tuple[Turn, ...]:
    """Return the conversation of a request as turns that every model accepts."""
    lines = request.lines if request.tools else [*_told(request.lines)]
    turns = _Turns(line for line in lines if isinstance(line, ToolOutcome))
    for line in lines:
        turns.take(line)
    return turns.ended()


def system_of(request: ModelRequest) -> str:
    """Return what is the same in all turns of a step; never empty."""
    return _clean(request.system) or NOBODY


def facts_of(request: ModelRequest) -> str:
    """Return what changes from turn to turn; it may be empty."""
    return _clean(request.facts)


def tools_of(request: ModelRequest) -> tuple[ToolSpec, ...]:
    """Return the tools, each name once, with a description and the schema of an object."""
    by_name = {tool.name: tool for tool in reversed(request.tools)}
    return tuple(_complete(by_name[name]) for name in dict.fromkeys(tool.name for tool in request.tools))


def _complete(tool: ToolSpec) -> ToolSpec:
    empty: JsonObject = {"type": "object", "properties": {}}
    return replace(
        tool,
        description=_clean(tool.description) or tool.name.replace("_", " "),
        parameters=empty | tool.parameters,
    )


class _Turns:
    """Gathers lines into turns."""

    def __init__(self, outcomes: Iterable[ToolOutcome]) -> None:
        self._turns: list[Turn] = []
        self._outcomes: dict[str, ToolOutcome] = {}
        for outcome in outcomes:
            self._outcomes.setdefault(outcome.call_id, outcome)
        # Each provider has its own rules for ids, and one may have to read another's: Mistral takes nine letters and digits.
        self._ids: dict[str, str] = {}

    def take(self, line: Line) -> None:
        match line:
            case ChatLine():
                self._say(_clean(line.text), is_users=line.from_caller)
            case ToolUse():
                self._use(line)
            case ToolOutcome():
                # Those of the same turn came at once, or are missing: one that has no use here means nothing.
                self._answer_uses()

    def ended(self) -> tuple[Turn, ...]:
        self._answer_uses()
        if not self._turns or not self._turns[0].is_users:
            self._turns.insert(0, Turn(is_users=True, text=BEGINNING))
        if not self._turns[-1].is_users:
            self._turns.append(Turn(is_users=True, text=GOING_ON))
        return tuple(self._turns)

    def _say(self, text: str, *, is_users: bool) -> None:
        if not text:
            return
        self._answer_uses()
        if self._turns and self._turns[-1].is_users == is_users:
            last = self._turns[-1]
            self._turns[-1] = replace(last, text=f"{last.text}\n{text}".lstrip("\n"))
        else:
            self._turns.append(Turn(is_users=is_users, text=text))

    def _use(self, use: ToolUse) -> None:
        if use.call_id in self._ids:
            return
        self._ids[use.call_id] = f"call{len(self._ids):05d}"
        if not self._turns or self._turns[-1].is_users:
            self._turns.append(Turn(is_users=False))
        last = self._turns[-1]
        known = replace(use, call_id=self._ids[use.call_id])
        self._turns[-1] = replace(last, uses=(*last.uses, known))

    def _answer_uses(self) -> None:
        if self._turns and self._turns[-1].uses:
            newest = [*self._ids.items()][-len(self._turns[-1].uses) :]
            outcomes = tuple(self._outcome(*ids) for ids in newest)
            self._turns.append(Turn(is_users=True, outcomes=outcomes))

    def _outcome(self, call_id: str, known_id: str) -> ToolOutcome:
        found = self._outcomes.get(call_id)
        if found is None:
            return ToolOutcome(call_id=known_id, text=_NOT_KNOWN, is_error=True)
        return replace(found, call_id=known_id, text=_clean(found.text) or _NO_WORDS)


def _told(lines: Iterable[Line]) -> Iterator[Line]:
    """Tell in words what tools have done, for a request without tools, in which none may be named."""
    names: dict[str, str] = {}
    for line in lines:
        match line:
            case ToolUse():
                names[line.call_id] = line.name
            case ToolOutcome() if line.call_id in names:
                yield ChatLine(from_caller=True, text=f"[{names[line.call_id]} has answered: {line.text}]")
            case ChatLine():
                yield line


def _clean(text: str) -> str:
    # Half a character, as a model cut off within an emoji leaves it, is not in any encoding.
    return text.encode("utf-8", "ignore").decode().strip()
