"""What an operator has added to a call: which words wait to be said, or to be taken for the caller's."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

MOST_WAITING = 20
"""Texts that wait in one call at most: nobody hears so many to their end."""


@dataclass(slots=True, kw_only=True)
class Injection:
    """A text that an operator has put into somebody's mouth; `sentences` are those that nobody has heard yet."""

    inject_id: str
    sentences: list[str] = field(default_factory=list)


class Injections:
    """Follows what operators add; `to_say` are the agent's words that wait, `to_hear` the caller's."""

    def __init__(self, *, known: Iterable[str] = ()) -> None:
        self._known = set(known)
        self.to_say: deque[Injection] = deque()
        self.to_hear: deque[Injection] = deque()
        self._begun: str | None = None

    @property
    def are_too_many(self) -> bool:
        """Say whether so much waits already that no more may."""
        return len(self.to_say) + len(self.to_hear) >= MOST_WAITING

    def is_new(self, inject_id: str) -> bool:
        """Say whether this was not told before, and know it from now on: what is told twice is done once."""
        is_new = inject_id not in self._known
        self._known.add(inject_id)
        return is_new

    def begin(self, inject_id: str) -> bool:
        """Take note that a sentence of it sounds; say whether it is the first of them."""
        is_first, self._begun = inject_id != self._begun, inject_id
        return is_first

    def put_back(self, sentences: Iterable[tuple[str, str]]) -> None:
        """Have sentences said, each with the name of its injection, that were to be said before those that wait."""
        for inject_id, sentence in reversed(list(sentences)):
            if self.to_say and self.to_say[0].inject_id == inject_id:
                self.to_say[0].sentences.insert(0, sentence)
            else:
                self.to_say.appendleft(Injection(inject_id=inject_id, sentences=[sentence]))
