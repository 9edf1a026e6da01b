"""An embedded language model without weights: it chooses edges by the words they share with the caller's.

It is what makes prompted agents answer at all with nothing to download. It never invents: it either takes the edge
whose label and condition share the most words with what the caller said, or asks again.
"""

import re
from collections.abc import AsyncIterator

from streamer.speech.ports import ModelEvent, ModelRequest, ModelUsage, TextDelta, ToolCall, ToolSpec

_WORD = re.compile(r"[a-z']+")
_STOP_WORDS = frozenset(
    ["a", "an", "and", "are", "as", "at", "be", "been", "but", "by", "call", "caller", "can", "could", "do", "does", "for", "from", "had", "has", "have", "he", "her", "his", "i", "if", "in", "is", "it", "its", "me", "my", "of", "on", "or", "our", "she", "so", "that", "the", "their", "them", "they", "this", "to", "was", "we", "were", "what", "when", "who", "will", "with", "would", "you", "your", "user", "customer", "wants", "want", "says", "say"]
)
_NEGATIONS = frozenset({"no", "not", "never", "don't", "doesn't", "can't", "won't", "isn't", "nothing"})
_ENDINGS = ("ing", "ed", "es", "s")


class KeywordModel:
    """Implements LanguageModel."""

    async def reply(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
        """Yield the edge to take, or a sentence that asks; usage counts words."""
        said = next((line.text for line in reversed(request.lines) if line.role == "user"), "")
        tool = _best_tool(request.tools, said)
        if tool is not None:
            yield ToolCall(name=tool.name)
            answer = ""
        else:
            answer = _question(request)
            yield TextDelta(text=answer)
        yield ModelUsage(input_tokens=len(_WORD.findall(said.lower())), output_tokens=len(answer.split()))


def _best_tool(tools: tuple[ToolSpec, ...], said: str) -> ToolSpec | None:
    words, is_negative = _stems(said), _is_negative(said)
    scores = []
    for tool in tools:
        text = f"{tool.name.replace('_', ' ')} {tool.description}"
        shared = len(words & _stems(text))
        scores.append(shared if _is_negative(text) == is_negative else shared - 1)
    best = max(scores, default=0)
    return tools[scores.index(best)] if best > 0 and scores.count(best) == 1 else None


def _question(request: ModelRequest) -> str:
    if not request.lines:
        return "Hello. How can I help you?"
    return "Sorry, could you say that in other words?"


def _is_negative(text: str) -> bool:
    return bool(_NEGATIONS & set(_WORD.findall(text.lower())))


def _stems(text: str) -> set[str]:
    return {_stem(word) for word in _WORD.findall(text.lower())} - _STOP_WORDS


def _stem(word: str) -> str:
    ending = next((e for e in _ENDINGS if word.endswith(e) and len(word) - len(e) >= 3), "")
    return word.removesuffix(ending)
