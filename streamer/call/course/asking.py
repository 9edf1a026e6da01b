"""The language model's part in the call: which of its answers counts, and whether it must be asked again."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from streamer.call.commands import AskModel, CancelModel, Command
from streamer.call.conversation.conversation import Conversation
from streamer.call.events import ModelChose, ModelEvent

MOST_AHEAD = 3
"""Questions asked ahead in one turn: whoever hesitates more often is answered later, and costs no more."""


@dataclass(slots=True, kw_only=True)
class _Ahead:
    """A question that was asked before it was known that the turn is over, and what came in answer."""

    question: AskModel
    talk: Conversation
    answer: list[ModelEvent] = field(default_factory=list)


class Asking:
    """Asks the language model one question at a time.

    `must_ask_again` says that an answer was dropped before any of it was heard, until the question is settled. `chosen` is
    what the answer has chosen so far, `failures` counts the questions in a row that had no answer.
    """

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk
        self._request = 0
        self._ahead: _Ahead | None = None
        self._asked_ahead = 0
        self.is_busy = False
        self.has_spoken = False
        self.must_ask_again = False
        self.chosen: list[ModelChose] = []
        self.failures = 0

    @property
    def imagined(self) -> Conversation | None:
        """The conversation as it would be with the question that was asked ahead; None where none was."""
        return None if self._ahead is None else self._ahead.talk

    def awaits(self, request: int) -> bool:
        """Say whether what comes in answer to this request still counts, now or once it is known that the turn is over."""
        return (self.is_busy or self._ahead is not None) and request == self._request

    def ask_ahead(self, talk: Conversation) -> list[Command]:
        """Ask what would have to be asked in this conversation; what comes is held until `ask` asks the same."""
        question = talk.question(self._request + 1)
        if self.is_busy or self._asked_ahead >= MOST_AHEAD:
            return []
        self._asked_ahead += 1
        self._request += 1
        self._ahead = _Ahead(question=question, talk=talk)
        return [question]

    def hold(self, event: ModelEvent) -> bool:
        """Keep what came in answer to a question asked ahead; return whether it is the first of it."""
        if self._ahead is None:
            return False
        self._ahead.answer.append(event)
        return len(self._ahead.answer) == 1

    def ask(self) -> tuple[list[Command], Sequence[ModelEvent]]:
        """Ask for the next words; what has come already, since the same was asked ahead, counts from now on."""
        self.is_busy = True
        self.has_spoken = self.must_ask_again = False
        self.chosen = []
        ahead, self._ahead = self._ahead, None
        question = self._talk.question(self._request)
        if ahead is not None and ahead.question == question:
            return [], ahead.answer
        self._request += 1
        return [replace(question, request=self._request)], ()

    def turn_over(self) -> None:
        """Allow as many questions ahead in the next turn."""
        self._asked_ahead = 0

    def drop_ahead(self) -> list[Command]:
        """Let what was asked ahead count no more."""
        if self._ahead is None:
            return []
        self._ahead = None
        return [CancelModel()]

    def drop(self) -> list[Command]:
        """Let the answer, if one is awaited, count no more."""
        if not self.is_busy:
            return self.drop_ahead()
        self.is_busy = False
        self.chosen = []
        self.must_ask_again = not self.has_spoken
        return [CancelModel()]
