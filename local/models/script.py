"""What a model of this machine answers: rules, the first of which that fits a request gives its reply."""

import re
from collections import Counter, deque
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from local.models.asked import Asked, invalid
from offhook.models.requests import StopReason

_MOST_KEPT = 2_000


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Part):
    """One delta of text, so long after what came before it; `is_reasoning` is what must not be spoken."""

    kind: Literal["text"] = "text"
    text: str
    after_ms: int = Field(default=0, ge=0)
    is_reasoning: bool = False


class Tool(_Part):
    """A call of a tool; arguments that are a string are sent as they are, be they JSON or not."""

    kind: Literal["tool"] = "tool"
    name: str
    arguments: dict[str, JsonValue] | str = Field(default_factory=dict)
    pieces: int = Field(default=3, ge=1)
    after_ms: int = Field(default=0, ge=0)


class Kind(StrEnum):
    """What goes wrong."""

    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"
    NOT_READY = "not-ready"
    DENIED = "denied"
    INVALID = "invalid"
    STALL = "stall"  # writes nothing more, and keeps the connection
    DRIP = "drip"  # goes on with a byte at a time
    CUT = "cut"  # the connection is reset
    END = "end"  # the body ends, as if all were said
    GARBAGE = "garbage"  # a frame whose checksum does not fit, an event that is no JSON


class Moment(StrEnum):
    """When it happens."""

    BEFORE_HEADERS = "before-headers"
    AFTER_HEADERS = "after-headers"
    IN_TEXT = "in-text"  # when half of the text's deltas are sent
    IN_TOOL = "in-tool"  # before a tool's arguments are whole
    BEFORE_END = "before-end"  # all is said but why it has ended


class Fault(_Part):
    """Something goes wrong in a reply."""

    kind: Kind
    moment: Moment = Moment.BEFORE_HEADERS
    drip_ms: int = Field(default=300, ge=1)


class Usage(_Part):
    """What the reply is said to have cost; `input_tokens` are those that no cache had."""

    input_tokens: int = 100
    output_tokens: int = 10
    cached_tokens: int = 0
    cache_write_tokens: int = 0


class Reply(_Part):
    """What is answered; without a reason it has ended with the tools that it calls, or with its turn."""

    parts: tuple[Annotated[Text | Tool, Field(discriminator="kind")], ...] = ()
    first_ms: int = Field(default=0, ge=0)
    stop: StopReason | None = None
    usage: Usage = Usage()
    fault: Fault | None = None

    @model_validator(mode="after")
    def _has_the_moment(self) -> Self:
        needed = {Moment.IN_TEXT: Text, Moment.IN_TOOL: Tool}.get(self.fault.moment) if self.fault else None
        if needed and not any(isinstance(part, needed) for part in self.parts):
            raise ValueError("The fault's moment does not come in this reply.")
        return self

    @property
    def reason(self) -> StopReason:
        calls = any(isinstance(part, Tool) for part in self.parts)
        return self.stop or (StopReason.TOOL_USE if calls else StopReason.END_TURN)


class When(_Part):
    """Which requests a rule is for; patterns are searched for without regard to case.

    `heard` and `told` are of what came after the model's last words; `nth` counts the requests to one model, from 1. Requests
    that must call a tool are for rules that name it.
    """

    model: str = ""
    system: str = ""
    heard: str | None = None
    told: str | None = None
    offered: str | None = None
    must_call: str = ""
    nth: int | None = None

    def fits(self, asked: Asked, nth: int) -> bool:
        """Say whether this is such a request."""
        return (
            _is_in(self.model, asked.model)
            and _is_in(self.system, asked.system)
            and (self.heard is None or (bool(asked.heard) and _is_in(self.heard, asked.heard)))
            and (self.told is None or (bool(asked.told) and _is_in(self.told, asked.told)))
            and self.offered in (None, *asked.offered)
            and self.must_call == asked.must_call
            and self.nth in (None, nth)
        )


class Rule(_Part):
    """A reply to requests of a kind; `times` is how often it is given, None for ever."""

    when: When = When()
    reply: Reply
    times: int | None = Field(default=None, ge=1)


class Script:
    """The rules, and what was asked."""

    def __init__(self, *rules: Rule) -> None:
        self._rules: list[tuple[Rule, int | None]] = []
        self._counts: Counter[str] = Counter()
        self.asked: deque[Asked] = deque(maxlen=_MOST_KEPT)
        self.unanswered: deque[Asked] = deque(maxlen=_MOST_KEPT)
        self.live = 0
        """How many replies are under way."""
        self.connections = 0
        """How many connections were opened."""
        self.add(*rules)

    def add(self, *rules: Rule) -> None:
        """Add rules after those that are there."""
        self._rules += [(rule, rule.times) for rule in rules]

    def clear(self) -> None:
        """Forget the rules, and what was asked."""
        self._rules.clear()
        self._counts.clear()
        self.asked.clear()
        self.unanswered.clear()

    def reply(self, asked: Asked) -> Reply:
        """Return the reply of the first rule that fits; raise RefusalError where none does.

        A request that must call a tool gets it called without arguments where no rule says otherwise.
        """
        self._counts[asked.model] += 1
        self.asked.append(asked)
        for place, (rule, left) in enumerate(self._rules):
            if left != 0 and rule.when.fits(asked, self._counts[asked.model]):
                self._rules[place] = (rule, None if left is None else left - 1)
                return rule.reply
        if asked.must_call:
            return Reply(parts=(Tool(name=asked.must_call),))
        self.unanswered.append(asked)
        raise invalid("The script has no rule for this request.")


def say(*texts: str, first_ms: int = 0) -> Reply:
    """Return a reply of these deltas."""
    return Reply(parts=tuple(Text(text=text) for text in texts), first_ms=first_ms)


def _is_in(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None
