"""The language model's part in the call: which of its answers counts, and whether it must be asked again."""

from streamer.call.commands import CancelModel, Command
from streamer.call.conversation import Conversation


class Asking:
    """Asks the language model one question at a time.

    `must_ask_again` says that an answer was dropped before any of it was heard, until the question is settled.
    """

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk
        self._request = 0
        self.is_busy = False
        self.has_spoken = False
        self.must_ask_again = False

    def awaits(self, request: int) -> bool:
        """Say whether what comes in answer to this request still counts."""
        return self.is_busy and request == self._request

    def ask(self) -> list[Command]:
        """Ask for the next words."""
        self.is_busy = True
        self.has_spoken = self.must_ask_again = False
        self._request += 1
        return [self._talk.question(self._request)]

    def drop(self) -> list[Command]:
        """Let the answer, if one is awaited, count no more."""
        if not self.is_busy:
            return []
        self.is_busy = False
        self.must_ask_again = not self.has_spoken
        return [CancelModel()]
