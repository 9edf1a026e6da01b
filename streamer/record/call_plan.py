"""What one call follows: its workflow, its settings, its words filled in, and its way to the carrier."""

import math
from dataclasses import dataclass, field

from offhook.agents.settings import AgentSettings
from offhook.clock import Clock
from offhook.json_types import JsonObject
from offhook.runs.context import greeting_in
from offhook.runs.log.entry import LogEntry
from offhook.runs.model import Direction, Run
from offhook.telephony.ports import CarrierAccount
from offhook.workflows import TemplateContext, Workflow, render
from streamer.call.conversation.conversation import Conversation
from streamer.call.conversation.state import ConversationState, fold
from streamer.call.machine import Machine
from streamer.call.successor import Successor
from streamer.conductor.conductor import NO_AUDIO_LIMIT_S
from streamer.record.prepared import PreparedVersion
from streamer.speech.ports import Listening
from streamer.tools.catalogue import ToolsOfCall

_GOODBYE_S = 60.0
# Whoever is silent in a browser may have muted themselves, or only type.
_NEVER_S = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """An agent that goes on with a call which another one has begun, and its version."""

    agent_uuid: str
    name: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPlan:
    """One call's agent, and its way to the carrier; `call_id` is the carrier's.

    `fetched` is what the organization's own system has told of the call. `follower` is the agent that the call was
    handed on to, if it was.
    """

    run: Run
    prepared: PreparedVersion
    account: CarrierAccount | None
    call_id: str | None
    clock: Clock
    tools: ToolsOfCall = field(default_factory=ToolsOfCall)
    fetched: JsonObject = field(default_factory=dict)
    follower: Follower | None = None

    @property
    def agent_uuid(self) -> str:
        """The agent that talks."""
        return self.run.agent_uuid if self.follower is None else self.follower.agent_uuid

    def machine(self, log: tuple[LogEntry, ...]) -> Machine:
        """Make the call's machine, standing where the log leaves off."""
        state = fold(log)
        transfer = self.run.transfer
        if transfer is not None and transfer.number == state.transfers and transfer.reason is not None:
            state.transfer_reason = transfer.reason
        return Machine(
            workflow=self._workflow,
            settings=self.settings,
            render=self._render,
            state=state,
            phrasebook=self.prepared.phrasebook,
            # Whoever is handed a call talks to a person.
            is_outbound=self.run.direction is Direction.OUTBOUND and self.follower is None,
            tools=self.tools.offered,
            agent_uuid=self.agent_uuid,
        )

    @property
    def successor(self) -> Successor:
        """The agent that talks, for a call that is handed on to it."""
        follower = self.follower or Follower(
            agent_uuid=self.run.agent_uuid, name="", version=self.run.version
        )
        return Successor(
            agent_uuid=follower.agent_uuid,
            name=follower.name,
            version=follower.version,
            workflow=self.prepared.workflow,
            settings=self.settings,
            phrasebook=self.prepared.phrasebook,
            tools=self.tools.offered,
        )

    @property
    def _workflow(self) -> Workflow:
        """The version's, with the greeting that this call was started with, if it was: that is its first agent's."""
        workflow, greeting = self.prepared.workflow, greeting_in(self._initial)
        return workflow.greeting_with(greeting) if greeting and self.follower is None else workflow

    @property
    def _initial(self) -> JsonObject:
        return {**self.run.initial_context, **self.fetched}

    @property
    def listening(self) -> Listening:
        """What the call asks of its recogniser."""
        settings = self.settings
        return Listening(
            language=settings.language,
            languages=settings.languages,
            preferred_language=settings.preferred_language or "",
            vocabularies=settings.vocabularies,
        )

    @property
    def settings(self) -> AgentSettings:
        """How the agent speaks, listens, waits and ends; a session ends no later than its deployment has it."""
        settings, session = self.prepared.settings, self.run.session
        longest_s = None if session is None else session.max_duration_seconds
        if longest_s is None or longest_s >= settings.max_call_duration_seconds:
            return settings
        return settings.model_copy(update={"max_call_duration_seconds": longest_s})

    @property
    def max_duration_s(self) -> float:
        """How long the call may still last by the clock on the wall: the agent's limit, and a minute for its goodbye.

        It counts from the answer, so that a call does not begin anew with each of its streams.
        """
        limit_s = self.settings.max_call_duration_seconds + _GOODBYE_S
        answered_at = self.run.answered_at
        spent_s = (self.clock() - answered_at).total_seconds() if answered_at else 0.0
        return max(0.0, limit_s - max(0.0, spent_s))

    @property
    def no_audio_limit_s(self) -> float:
        """How long a line may be without audio before it is dead."""
        return NO_AUDIO_LIMIT_S if self.run.session is None else _NEVER_S

    @property
    def idle_limit_s(self) -> float:
        """How long a session may go on without a sign of the caller."""
        limit_s = None if self.run.session is None else self.run.session.idle_timeout_seconds
        return _NEVER_S if limit_s is None else limit_s

    @property
    def apology(self) -> tuple[str, ...]:
        """Sentences that must be at hand whatever fails."""
        return self.fixed_texts(self.settings.error_goodbye, self.settings.drained_goodbye or "")

    @property
    def likely_texts(self) -> tuple[str, ...]:
        """Texts of the settings that must be said at once, if they are."""
        settings = self.settings
        of_models = (settings.no_answer,) if self.prepared.workflow.asks_models else ()
        of_tools = (settings.tool_wait,) if self.tools.offered else ()
        return (*of_models, *of_tools, *settings.idle_prompts, settings.idle_goodbye)

    def fixed_texts(self, *templates: str) -> tuple[str, ...]:
        """Return the sentences of texts that may be needed at any moment, cut as the machine will say them."""
        prepared = self.prepared
        talk = Conversation(
            prepared.workflow, self.settings, self._render, ConversationState(), prepared.phrasebook
        )
        return tuple(sentence for text in templates for sentence in talk.sentences(text))

    def values(self, gathered: JsonObject) -> TemplateContext:
        """Return what templates can reach once so much was gathered."""
        run = self.run
        return TemplateContext(
            clock=self.clock,
            initial=self._initial,
            gathered=gathered,
            system={
                "caller_number": run.telephony.caller_number,
                "called_number": run.telephony.called_number,
                "workflow_run_id": run.id,
            },
        )

    def _render(self, template: str, gathered: JsonObject) -> str:
        return render(template, self.values(gathered))
