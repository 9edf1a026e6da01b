"""What was said and done in a call so far, line by line: the log tells it, and the language model is told."""

from dataclasses import dataclass, field

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


@dataclass(slots=True, kw_only=True)
class Talk:
    """The `lines` of a call, and what a model is told beside them.

    `told` is what tools have answered in former nodes, `notes` are an operator's texts.
    """

    lines: list[Line] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def latest(self) -> tuple[Line, ...]:
        """As many of the latest lines as a model is told, and no tool's answer without its call."""
        start, room = len(self.lines), MOST_LINES_CHARACTERS
        while start and (room := room - _size(self.lines[start - 1])) >= 0:
            start -= 1
        while start < len(self.lines) and isinstance(self.lines[start], ToolOutcome):
            start += 1
        return tuple(self.lines[start:])

    def last_words(self, count: int) -> str:
        """Return what the caller said last, so many lines of it."""
        words = [line.text for line in self.lines if isinstance(line, ChatLine) and line.from_caller]
        return " ".join(words[len(words) - count :])

    def add_line(self, text: str, *, from_caller: bool) -> None:
        """Take note of what was said, or is about to be."""
        self.lines.append(ChatLine(from_caller=from_caller, text=text))

    def correct_line(self, original: str, heard: str, *, from_caller: bool = False) -> None:
        """Put what was heard in the place of the latest line that reads `original`; nothing heard, no line."""
        line = ChatLine(from_caller=from_caller, text=original)
        for index in range(len(self.lines) - 1, -1, -1):
            if self.lines[index] == line:
                corrected: list[Line] = [ChatLine(from_caller=from_caller, text=heard)] if heard else []
                self.lines[index : index + 1] = corrected
                return

    def add_use(self, use: ToolUse) -> None:
        """Take note of a tool that the model has called."""
        self.lines.append(use)

    def has_use(self, call_id: str) -> bool:
        """Say whether the present node has called this tool."""
        return any(_is_use(line, call_id) for line in self.lines)

    def add_outcome(self, outcome: ToolOutcome, *, tool: str) -> None:
        """Put a tool's answer behind its call, and behind those of the same reply: models take it nowhere else.

        Where the call has gone on from the node that called it, the answer is only told.
        """
        uses = [index for index, line in enumerate(self.lines) if _is_use(line, outcome.call_id)]
        if not uses:
            self.learn(tool, outcome.text)
            return
        place = uses[-1] + 1
        while place < len(self.lines) and not isinstance(self.lines[place], ChatLine):
            place += 1
        self.lines.insert(place, outcome)

    def learn(self, tool: str, answer: str) -> None:
        """Tell the model this with every question from now on, as information."""
        self.told = [*self.told, f"{tool}: {answer[:MOST_TOLD_CHARACTERS]}"][-MOST_TOLD:]

    def heed(self, text: str) -> None:
        """Tell the model this with every question from now on, as an operator's word; the latest count."""
        kept: list[str] = []
        for note in reversed([*self.notes, text][-MOST_NOTES:]):
            if len(note) + sum(map(len, kept)) > MOST_NOTES_CHARACTERS:
                break
            kept.insert(0, note)
        self.notes = kept

    def leave_tools(self) -> None:
        """Keep of tools only what they have answered: the call goes on from the node that called them."""
        names = {line.call_id: line.name for line in self.lines if isinstance(line, ToolUse)}
        for line in self.lines:
            if isinstance(line, ToolOutcome) and line.call_id in names:
                self.learn(names[line.call_id], line.text)
        self.lines = [line for line in self.lines if isinstance(line, ChatLine)]


def _size(line: Line) -> int:
    return len(str(line.arguments)) if isinstance(line, ToolUse) else len(line.text)


def _is_use(line: Line, call_id: str) -> bool:
    return isinstance(line, ToolUse) and line.call_id == call_id
