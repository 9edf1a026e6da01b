"""The sentences that an agent says the same to everybody: they hold nothing of a caller."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from offhook.agents.settings import AgentSettings
from offhook.workflows import Step, Workflow
from streamer.call.conversation.conversation import MAX_TEXT_CHARACTERS
from streamer.call.conversation.sentences import sentences
from streamer.call.conversation.speakable import speakable

_MOST = 256


def own_sentences(workflow: Workflow, settings: AgentSettings) -> tuple[str, ...]:
    """Return them, cut as the call machine says them; first what a call begins with, and what must be at hand.

    There may be texts among them that are never said. What templates fill in is not: that is a caller's, or may be.
    """
    found: dict[str, None] = {}
    for template in _templates(workflow, settings):
        for sentence in sentences(speakable(template[:MAX_TEXT_CHARACTERS]), settings.language):
            if "{{" not in sentence and "}}" not in sentence and len(found) < _MOST:
                found[sentence] = None
    return tuple(found)


def _templates(workflow: Workflow, settings: AgentSettings) -> Iterator[str]:
    yield workflow.start.spoken
    yield settings.error_goodbye
    yield settings.drained_goodbye or ""
    yield from _texts(settings.model_dump())
    for node in workflow.nodes:
        if isinstance(node, Step):
            yield node.spoken
            yield from _texts(node.data.model_dump(exclude={"name", "prompt"}))
    yield from (edge.data.transition_speech for edge in workflow.edges)


def _texts(document: Any) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        yield from chain.from_iterable(map(_texts, document.values()))
    elif isinstance(document, list | tuple):
        yield from chain.from_iterable(map(_texts, document))
