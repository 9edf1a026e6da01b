"""An embedded language model without weights: it chooses the tool whose words are nearest to the caller's.

It is what makes prompted agents answer at all with nothing to download, and no more: it knows no grammar, no synonyms
but those of yes and no, and invents nothing. The same words in always give the same answer out.
"""

import re
from collections.abc import AsyncIterator, Sequence
from itertools import takewhile
from typing import TypeGuard

from offhook.models.requests import (
    ChatLine,
    Line,
    ModelEvent,
    ModelRequest,
    ModelUsage,
    Stopped,
    StopReason,
    TextDelta,
    ToolCall,
    ToolSpec,
    ToolUse,
)

_FEWEST_SHARED_WORDS = 1
_MOST_OPTIONS = 3
# It runs in the event loop of all calls.
_MOST_TOOLS = 64
_MOST_CHARACTERS = 300

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|[0-9]+")
# Descriptions say who does what; only the what tells one tool from another.
_PREAMBLE = re.compile(
    r"^(?:(?:when|if|once|as soon as)\s+)?(?:(?:the\s+)?(?:caller|user|customer|person)\s+)?"
    r"(?:(?:wants|wishes|would like|asks|agrees|says|needs|confirms)\s+(?=to\b|for\b|that\b)(?:that\s+)?)?",
    re.IGNORECASE,
)
_STOP_WORDS = frozenset(
    _WORD.findall(
        "a about am an and are as asks at be been but by call caller can could customer do does else for from had has"
        " have he her his how i if in is it it's its like me my needs of on once or our person please says she so that"
        " that's the their them then they this to user wants was we were what when which who will with would you your"
    )
)
_NEGATIONS = frozenset({"no", "not", "never", "none", "nothing", "nope", "cannot", "without"})
_ENDINGS = ("ing", "ied", "ed", "es", "s", "e", "y")
_SHORTEST_STEM = 3


class KeywordModel:
    """Implements LanguageModel: calls the tool that shares most words with the caller's last line, or asks again."""

    async def reply(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
        """Yield one tool call or one short question; usage counts words as tokens.

        A tool that must be called is called with nothing: values are not among what it finds.
        """
        required = (tool for tool in request.tools if tool.name == request.must_call)
        tool = next(required, None) or _best_tool(_open_tools(request), _said(request.lines))
        answer = "" if tool is not None else _question(request)
        yield TextDelta(text=answer) if tool is None else ToolCall(name=tool.name, call_id=tool.name)
        heard = (request.system, *(line.text for line in request.lines if isinstance(line, ChatLine)))
        yield ModelUsage(
            input_tokens=sum(len(text.split()) for text in heard), output_tokens=len(answer.split()) or 1
        )
        yield Stopped(reason=StopReason.END_TURN if tool is None else StopReason.TOOL_USE)


def _said(lines: Sequence[Line]) -> str:
    """Return what the caller has said last."""
    return next((line.text for line in reversed(lines) if _is_of_caller(line)), "")


def _is_of_caller(line: Line) -> TypeGuard[ChatLine]:
    return isinstance(line, ChatLine) and line.from_caller


def _open_tools(request: ModelRequest) -> list[ToolSpec]:
    """Return the tools that were not called for the caller's last words: the same words would call them for ever."""
    since = takewhile(lambda line: not _is_of_caller(line), reversed(request.lines))
    called = {line.name for line in since if isinstance(line, ToolUse)}
    return [tool for tool in request.tools[:_MOST_TOOLS] if tool.name not in called]


def _best_tool(tools: Sequence[ToolSpec], said: str) -> ToolSpec | None:
    """Return the one tool with the most words in common; none when two share that place or too little is shared."""
    said_words, is_negative = _content(said), _is_negative(said)
    scores = [_likeness(tool, said_words, is_negative=is_negative) for tool in tools]
    best = max(scores, default=0)
    if best < _FEWEST_SHARED_WORDS or scores.count(best) > 1:
        return None
    return tools[scores.index(best)]


def _likeness(tool: ToolSpec, said_words: frozenset[str], *, is_negative: bool) -> int:
    name = tool.name.replace("_", " ")
    about = f"{name} {tool.description[:_MOST_CHARACTERS]}"
    name_words, about_words = _content(name), _content(about)
    # The name is the gist of the tool: its words count twice.
    shared = len((said_words & about_words) - _NEGATIONS) + len((said_words & name_words) - _NEGATIONS)
    if shared and is_negative != _is_negative(about):
        shared -= 1  # "that is not fine" shares a word with "it is fine" and means the opposite
    if said_words & _AFFIRMATIONS and about_words & _AFFIRMATIONS and not is_negative:
        shared += 1
    if said_words & _REFUSALS and about_words & _REFUSALS:
        shared += 1
    return shared


def _question(request: ModelRequest) -> str:
    if not request.lines:
        return "Hello. How can I help you?"
    options = [_option(tool) for tool in request.tools[:_MOST_OPTIONS]]
    if not options:
        return "Sorry, could you say that in other words?"
    return f"Sorry, I did not understand. Is it this: {', or '.join(options)}?"


def _option(tool: ToolSpec) -> str:
    description = tool.description.strip().rstrip(".") or tool.name.replace("_", " ")
    option = _PREAMBLE.sub("", description, count=1).strip() or description
    return option[0].lower() + option[1:]


def _is_negative(text: str) -> bool:
    return any(word in _NEGATIONS or word.endswith("n't") for word in _WORD.findall(_plain(text)))


def _content(text: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in _WORD.findall(_plain(text)) if word not in _STOP_WORDS)


def _plain(text: str) -> str:
    return text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


def _stem(word: str) -> str:
    ending = next((e for e in _ENDINGS if word.endswith(e) and len(word) - len(e) >= _SHORTEST_STEM), "")
    stem = word.removesuffix(ending)
    # "cancelled" and "planned" double the consonant that "cancel" and "plan" have once.
    return (
        stem[:-1]
        if ending in ("ing", "ed") and stem[-2:-1] == stem[-1:] and len(stem) > _SHORTEST_STEM
        else stem
    )


_AFFIRMATIONS = _content("yes yeah yep sure okay ok fine correct right confirm agree accept")
_REFUSALS = _content("no nope decline refuse reject disagree deny")
