"""What was said and done in a call so far, line by line: the log tells it, and the language model is told."""

from collections.abc import Sequence

from offhook.models.requests import ChatLine, Line, ToolOutcome, ToolUse

MOST_LINES_CHARACTERS = 30_000
"""What a model is told of the talk at most, the latest lines: some forty minutes, and what tools have answered."""

MOST_TOLD_CHARACTERS = 1_000
"""What is kept of a tool's answer once the call has gone on from the node that called it."""

MOST_TOLD = 10
"""How many such answers are kept, the latest ones."""


MOST_NOTES = 20
"""Texts of an operator that a model is told at most, the latest ones."""

MOST_NOTES_CHARACTERS = 8_000
"""How long they may be together."""


def latest_notes(notes: Sequence[str]) -> list[str]:
    """Return as many of the latest texts of an operator as a model is told."""
    kept: list[str] = []
    for note in reversed(notes[-MOST_NOTES:]):
        if len(note) + sum(map(len, kept)) > MOST_NOTES_CHARACTERS:
            break
        kept.insert(0, note)
    return kept


def correct_line(lines: list[Line], original: str, heard: str, *, from_caller: bool = False) -> None:
    """Put what was heard in the place of the latest line that reads `original`; nothing heard, no line."""
    line = ChatLine(from_caller=from_caller, text=original)
    for index in range(len(lines) - 1, -1, -1):
        if lines[index] == line:
            lines[index : index + 1] = [ChatLine(from_caller=from_caller, text=heard)] if heard else []
            return


def place_outcome(lines: list[Line], outcome: ToolOutcome) -> bool:
    """Put a tool's answer behind its call, and behind those of the same reply: models take it nowhere else.

    Return False where the call has gone on from the node that called it.
    """
    uses = [i for i, line in enumerate(lines) if _is_use(line, outcome.call_id)]
    if not uses:
        return False
    place = uses[-1] + 1
    while place < len(lines) and not isinstance(lines[place], ChatLine):
        place += 1
    lines.insert(place, outcome)
    return True


def without_tools(lines: Sequence[Line]) -> tuple[list[Line], list[str]]:
    """Return the lines that were spoken, and what tools have answered between them: `name: answer`."""
    names = {line.call_id: line.name for line in lines if isinstance(line, ToolUse)}
    told = [
        told_of(names[line.call_id], line.text)
        for line in lines
        if isinstance(line, ToolOutcome) and line.call_id in names
    ]
    return [line for line in lines if isinstance(line, ChatLine)], told


def told_of(tool: str, answer: str) -> str:
    """Return what is kept of a tool's answer."""
    return f"{tool}: {answer[:MOST_TOLD_CHARACTERS]}"


def last_words(lines: Sequence[Line]) -> str:
    """Return what the caller said last."""
    words = (line.text for line in reversed(lines) if isinstance(line, ChatLine) and line.from_caller)
    return next(words, "")


def latest(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return as many of the latest lines as a model is told, and no tool's answer without its call."""
    start, room = len(lines), MOST_LINES_CHARACTERS
    while start and (room := room - _size(lines[start - 1])) >= 0:
        start -= 1
    while start < len(lines) and isinstance(lines[start], ToolOutcome):
        start += 1
    return tuple(lines[start:])


def _size(line: Line) -> int:
    return len(str(line.arguments)) if isinstance(line, ToolUse) else len(line.text)


def _is_use(line: Line, call_id: str) -> bool:
    return isinstance(line, ToolUse) and line.call_id == call_id
