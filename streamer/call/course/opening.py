"""A call's opening: who has answered is told by what is said in it, and by how long that goes on.

A person says a word or two and waits; a machine talks on. So what both say ("not available right now") tells a machine only
in talk that goes on, and a beep only after such talk.
"""

from functools import lru_cache

from offhook.agents.openings import openings_in
from offhook.agents.settings import AgentSettings
from offhook.runs.log.events import AnsweredByEvent, AnswerSign
from offhook.vocabulary import AnswerAction, AnsweredBy
from offhook.workflows.phrases import line_of
from streamer.call.commands import Append, Command

LIMIT_MS = 20_000
"""What begins later is said by somebody whom the agent already talks to."""

TALKS_ON_MS = 2500
"""People who answer the phone mostly say less than this before they wait."""

# Of what people say too, one phrase tells a machine in talk of this length, two do in talk that goes on at all.
LONG_TALK_MS = 4000

_MOST_CHARACTERS = 1500
# Of kinds with as many phrases the first counts: those that no other says, then people, since talking to a machine does
# less harm than hanging up on somebody.
_ORDER = (
    AnsweredBy.NOT_IN_SERVICE,
    AnsweredBy.SCREENING,
    AnsweredBy.PERSON,
    AnsweredBy.VOICEMAIL,
    AnsweredBy.MENU,
)
# While somebody is fetched. The assistant says "I'll see if they are available" again then, which asks for nothing.
_ORDER_OF_WHO_COMES = tuple(kind for kind in _ORDER if kind is not AnsweredBy.SCREENING)


class Opening:
    """Tells who has answered, while `is_open`; `told` is the latest. What is said later counts together with this.

    `acts` says whether the agent does anything about machines but talk; `has_talked_on` that somebody talked for longer
    than people do.
    """

    def __init__(self, settings: AgentSettings, *, is_open: bool) -> None:
        self._answerers = settings.answered_by
        self._language = settings.language
        self._said = ""
        self._seems_person = False
        self.is_open = is_open
        self.has_talked_on = False
        self.told: AnsweredBy | None = None
        self.acts = is_open and bool(self._answerers.acted_on)

    @property
    def phrases(self) -> tuple[str, ...]:
        """What a recogniser should expect of those whom the agent does not just talk to."""
        kinds = self._answerers.acted_on if self.is_open else ()
        return tuple(phrase for kind in kinds for phrase in self._phrases_of(kind))

    @property
    def phrases_of_whoever_comes(self) -> tuple[str, ...]:
        """What a recogniser should expect while a machine fetches somebody."""
        wordings = openings_in(self._language)
        machines = (phrase for kind in _ORDER for phrase in self._phrases_of(kind))
        return (*wordings.hello, *wordings.hold_on, *machines)

    def action(self, kind: AnsweredBy) -> AnswerAction:
        """Return what the agent does about this kind."""
        return self._answerers.of(kind).action

    def who_says(self, text: str, talk_ms: int) -> AnsweredBy | None:
        """Return whose words these are, after what was said before them; `talk_ms` is how long they took."""
        if not self.is_open:
            return None
        counts = self._counts(f"{self._said} {text}", talk_ms)
        likeliest = max(_ORDER, key=counts.__getitem__)
        return likeliest if counts[likeliest] else None

    def who_comes(self, text: str) -> AnsweredBy | None:
        """Return who says this while a machine fetches somebody; None for words that ask to wait on."""
        counts = self._counts(text, LONG_TALK_MS)
        hold_on = _count(openings_in(self._language).hold_on, line_of(text))
        likeliest = max(_ORDER_OF_WHO_COMES, key=counts.__getitem__)
        if counts[likeliest] >= max(hold_on, 1):
            return likeliest
        if hold_on:
            return AnsweredBy.SCREENING if counts[AnsweredBy.SCREENING] > hold_on else None
        return AnsweredBy.SCREENING if counts[AnsweredBy.SCREENING] else AnsweredBy.PERSON

    def _counts(self, text: str, talk_ms: int) -> dict[AnsweredBy, int]:
        """Count the phrases of each kind in a text that took so long."""
        spoken = line_of(text[-_MOST_CHARACTERS:])
        counts = {kind: _count(self._phrases_of(kind), spoken) for kind in AnsweredBy}
        if talk_ms >= TALKS_ON_MS and self._answerers.voicemail.phrases is None:
            found = _count(openings_in(self._language).voicemail_or_person, spoken)
            counts[AnsweredBy.VOICEMAIL] += found if found > 1 or talk_ms >= LONG_TALK_MS else 0
        return counts

    def note(self, text: str, talk_ms: int) -> None:
        """Keep words that tell no machine."""
        is_short = talk_ms < TALKS_ON_MS
        self._seems_person |= is_short or self.who_says(text, talk_ms) is AnsweredBy.PERSON
        self._said = f"{self._said} {text}"[-_MOST_CHARACTERS:]

    def tell(self, kind: AnsweredBy, sign: AnswerSign, now_ms: int) -> list[Command]:
        """Record who has answered."""
        self.told = kind
        self._said = ""
        event = AnsweredByEvent(answered_by=kind, sign=sign, action=self.action(kind), offset_ms=now_ms)
        return [Append(event=event)]

    def close(self, now_ms: int, *, is_person: bool = False) -> list[Command]:
        """Judge no more; who has taken part, or answered as people do, and was told to be nobody else, is a person."""
        was_open, self.is_open = self.is_open, False
        if not was_open or self.told is not None or not (is_person or self._seems_person):
            return []
        return self.tell(AnsweredBy.PERSON, AnswerSign.CONVERSATION, now_ms)

    def _phrases_of(self, kind: AnsweredBy) -> tuple[str, ...]:
        given = self._answerers.of(kind).phrases
        return openings_in(self._language).of(kind) if given is None else given


def _count(phrases: tuple[str, ...], spoken: str) -> int:
    return sum(line in spoken for line in _lines(phrases))


@lru_cache(maxsize=256)  # The same for all calls of a version.
def _lines(phrases: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(line for phrase in phrases if (line := line_of(phrase)).strip())
