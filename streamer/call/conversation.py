"""The conversation's course: which node it is in, what that node says, and what the caller's words lead to."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from copy import copy
from itertools import islice

from offhook.agents.settings import AgentSettings
from offhook.json_types import JsonObject
from offhook.workflows import Edge, Gather, Happening, Phrase, Phrasebook, Step, Workflow, match
from offhook.workflows.phrases import MAX_PHRASES, line_of
from streamer.call.commands import AskModel, ModelLine, ModelTool
from streamer.call.sentences import sentences
from streamer.call.speakable import speakable
from streamer.call.state import ConversationState, correct_line

Render = Callable[[str, JsonObject], str]
"""Fills in a template, given what was gathered so far."""

MAX_TEXT_CHARACTERS = 4_000
"""What is said of one text at most: more than four minutes of speech."""

MAX_PROMPT_CHARACTERS = 50_000
"""What a node and the global node tell a model at most; filling in more would hold up other calls."""

MAX_NAME_CHARACTERS = 48
"""What a tool's name keeps of a label: models take 64 characters, and a number may follow."""

MAX_WAYS = 128
"""Ways on that a model is offered at most, the first ones of the document; no model chooses well among more."""

_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")


class Conversation:
    """Follows one workflow; knows nothing of time or audio."""

    def __init__(
        self,
        workflow: Workflow,
        settings: AgentSettings,
        render: Render,
        state: ConversationState,
        phrasebook: Phrasebook | None = None,
    ) -> None:
        self._workflow = workflow
        self._phrasebook = phrasebook or Phrasebook(workflow)
        self._settings = settings
        self._render = render
        self.lines = list(state.lines)
        self.gathered: JsonObject = dict(state.gathered)
        self._enter(workflow.step(state.node_id) if state.node_id else workflow.start)

    def _enter(self, node: Step) -> None:
        self.node = node
        self.errand = node.errand
        self._phrases = self._phrasebook.of(node)

    @property
    def is_at_end(self) -> bool:
        """Say whether the present node ends the call once it has spoken."""
        return self.node.ends_call

    @property
    def needs_model(self) -> bool:
        """Say whether only a language model knows what this node says and does."""
        data = self.node.data
        return bool(data.prompt) and not self.node.spoken and not self.leaves_stream

    @property
    def leaves_stream(self) -> bool:
        """Say whether the caller leaves our stream once this node has spoken: to be put through, or for keys."""
        return self.errand is not None and self.errand.leaves_stream

    @property
    def hears_keys(self) -> bool:
        """Say whether keys lead on from the present node."""
        edges = self._workflow.edges_from(self.node.id)
        return isinstance(self.errand, Gather) or any(edge.data.dtmf for edge in edges)

    @property
    def may_be_interrupted(self) -> bool:
        """Say whether the caller may take the floor from the agent in this node."""
        return self._settings.barge_in and self.node.data.allow_interrupt

    def expected(self, of_machines: tuple[str, ...]) -> tuple[str, ...]:
        """Return all wordings that lead somewhere from here, MAX_PHRASES at most; machines are met in the start only."""
        wordings = [phrase.text for phrase in self._phrases]
        others = self._settings.repeat_phrases if wordings else ()
        if self.node.begins_call:
            others += of_machines
        return (*wordings[: MAX_PHRASES - len(others)], *others)

    @property
    def spoken(self) -> list[str]:
        """The node's own words, filled in, a sentence each."""
        return self.sentences(self.node.spoken)

    def spoken_after(self, said: Sequence[str]) -> list[str]:
        """Return those of the node's sentences that come after the last of these."""
        spoken, known = self.spoken, set(said)
        last = max((index for index, sentence in enumerate(spoken) if sentence in known), default=-1)
        return spoken[last + 1 :]

    def sentences(self, template: str) -> list[str]:
        """Fill in a template and cut it into sentences, so that the first can sound while the next is made."""
        return sentences(speakable(self.fill(template)), self._settings.language)

    def fill(self, template: str) -> str:
        """Fill in a template."""
        return self._render(template[:MAX_TEXT_CHARACTERS], self.gathered)[:MAX_TEXT_CHARACTERS].strip()

    def match(self, text: str) -> Phrase | None:
        """Return the edge that these words of the caller take, and what they gather."""
        return match(self._phrases, text)

    def is_complete(self, text: str) -> bool:
        """Say whether the caller's words are all that this node waits for, so that nothing more is to be expected."""
        phrase = self.match(text)
        if phrase is None:
            return self.asks_to_repeat(text)
        return line_of(text).endswith(f" {phrase.text} ") and not self._leads_on(phrase)

    def has_begun(self, text: str) -> bool:
        """Say whether the caller's words lead nowhere yet, and are the beginning of what this node waits for."""
        spoken = line_of(text).lstrip()
        if not spoken or self.match(text) is not None:
            return False
        return any(phrase.text.startswith(spoken) for phrase in self._phrases)

    def _leads_on(self, phrase: Phrase) -> bool:
        # "no" is not all while "no, on Monday" would lead elsewhere, or gather something.
        return any(
            other.text.startswith(f"{phrase.text} ")
            and (other.edge is not phrase.edge or other.gathered != phrase.gathered)
            for other in self._phrases
        )

    def asks_to_repeat(self, text: str) -> bool:
        """Say whether the caller wants to hear the node's words again."""
        spoken = line_of(text)
        return any(spoken == line_of(phrase) for phrase in self._settings.repeat_phrases)

    def edge_for_digit(self, digit: str) -> Edge | None:
        """Return the edge that this key takes."""
        return next((e for e in self._workflow.edges_from(self.node.id) if e.data.dtmf == digit), None)

    def edge_when(self, happening: Happening) -> Edge | None:
        """Return the edge that is taken when this happens."""
        return self._workflow.edge_when(self.node.id, happening)

    def edge_for_tool(self, name: str) -> Edge | None:
        """Return the edge that was offered to the model under this name."""
        return self._tools().get(name)

    def imagined(self) -> "Conversation":
        """Return a copy, which may go where this one is not known to go."""
        other = copy(self)
        other.lines, other.gathered = list(self.lines), dict(self.gathered)
        return other

    def take(self, edge: Edge, gathered: JsonObject) -> None:
        """Go where the edge leads, with what was gathered on the way."""
        self.gathered |= gathered
        self._enter(self._workflow.step(edge.target))

    def question(self, request: int) -> AskModel:
        """Ask the model for the next words, with the node's prompt and its ways on."""
        data = self.node.data
        before = self._workflow.global_prompt if data.add_global_prompt else ""
        system = "\n\n".join(part for part in (before, data.prompt) if part)
        return AskModel(
            request=request,
            system=self._render(system[:MAX_PROMPT_CHARACTERS], self.gathered),
            lines=tuple(self.lines),
            tools=tuple(
                ModelTool(name=name, description=edge.data.condition) for name, edge in self._tools().items()
            ),
        )

    def _tools(self) -> dict[str, Edge]:
        """Name the ways on as a model may: by their labels, or by a number where those say nothing or the same."""
        tools: dict[str, Edge] = {}
        ways = self._workflow.edges_from(self.node.id)
        offered = islice((edge for edge in ways if edge.data.when is None), MAX_WAYS)
        for number, edge in enumerate(offered, 1):
            name = _tool_name(edge)[:MAX_NAME_CHARACTERS] or f"edge_{number}"
            while name in tools:
                name = f"{name[:MAX_NAME_CHARACTERS]}_{number}"
            tools[name] = edge
        return tools

    def add_line(self, text: str, *, from_caller: bool) -> None:
        """Take note of what was said."""
        self.lines.append(ModelLine(from_caller=from_caller, text=text))

    def correct_line(self, original: str, heard: str, *, from_caller: bool = False) -> None:
        """Put what was heard in the place of a line: of one of the agent's that was cut off, or one of the caller's."""
        correct_line(self.lines, original, heard, from_caller=from_caller)


def _tool_name(edge: Edge) -> str:
    # An accent is no reason for another name; letters that have no Latin ones under them leave a number.
    plain = unicodedata.normalize("NFKD", (edge.data.label or edge.id)[:200].lower())
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return _NOT_IN_A_NAME.sub("_", letters).strip("_")
