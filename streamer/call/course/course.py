"""The course of one call: where it stands, and the verbs that its actions share.

An action is a function of the course and of what happened. It changes the course, and adds to `out` what is to be done.
When each is done stands in `streamer.call.table`.
"""

from collections.abc import Sequence

from offhook.agents.settings import AgentSettings
from offhook.json_types import JsonObject
from offhook.runs.end_reasons import EndReason
from offhook.runs.log.events import (
    ContextEvent,
    ErrorEvent,
    Event,
    InterruptedBy,
    NodeEvent,
    NodeReason,
    Speaker,
    TranscriptEvent,
)
from offhook.workflows import Edge, Handoff, Happening
from streamer.call.call_end import CallEnd
from streamer.call.commands import Append, Command, DropPrepared, Expect
from streamer.call.conversation.conversation import Conversation
from streamer.call.conversation.state import ConversationState
from streamer.call.course.asking import Asking
from streamer.call.course.handoffs import Handoffs
from streamer.call.course.injections import Injections
from streamer.call.course.listening import Listening
from streamer.call.course.meeting import Meeting
from streamer.call.course.opening import LIMIT_MS, Opening
from streamer.call.course.promising import promised_by_node
from streamer.call.course.reply_timer import ReplyTimer
from streamer.call.course.telling import Telling
from streamer.call.course.tool_rounds import ToolRounds
from streamer.call.course.transfers import Transfers
from streamer.call.course.turns import TurnDetector
from streamer.call.events import Occurrence, PlaybackOver
from streamer.call.floor import Floor
from streamer.call.successor import Successor

BETWEEN_KEYS_MS = 40
"""Nobody presses keys faster for long; a storm of them would fill the log."""

KEYS_AT_ONCE = 64
"""Keys that count although no audio came between them: a network hands over at once what it has held up."""


MOST_KEYS = 32
"""Keys that are gathered into one value at most."""

MOST_WORDLESS_SOUNDS = 2
"""Sounds in a row that silence the agent and turn out to hold no words: after them it takes more than a sound."""

MOST_STEPS_ALONE = 20
"""Edges in a row that are taken without a word or a key of the caller: more of them lead in a circle."""


class Course:
    """One call's course. Its halves, `caller` and `agent`, keep what is theirs.

    `happened` is what an action has made happen, and the machine does next. `answer_ms` is when the
    caller's words are to be answered unless they go on, `unanswered` are the last words until the agent's reply sounds, `keys` what was pressed in this node, the latest at `key_ms`; `partial_due_ms` is when the next partial may be shown; `deaf_since_ms` since when nothing hears
    the caller, `has_told_deaf` whether they were asked again for that; `steps_alone` counts
    the edges taken since the caller last had a part in it, `wordless_sounds` the sounds in a row that have silenced the agent
    and held no words. `opening` tells who has answered, `met` is the machine that
    has. `ending` is why the
    call ends once the last words were heard, `ended` how it has ended; `later_ms` is how long ago the last chunk was;
    `is_prepared` says that a sentence is made which may be said, `prepare_ms` when that is to begin.
    """

    def __init__(
        self,
        talk: Conversation,
        settings: AgentSettings,
        state: ConversationState,
        *,
        is_outbound: bool,
        agent_uuid: str,
    ) -> None:
        self.settings = settings
        self.talk = talk
        self.turns = TurnDetector(barge_in_ms=settings.barge_in_ms)
        self.caller = Listening(self.turns)
        self.injections = Injections(known=state.injected)
        self.agent = Telling(self.talk, self.injections, segments=state.segments)
        self.model = Asking(self.talk)
        self.tools = ToolRounds(count=state.calls, owes_reply=state.owes_reply)
        self.transfers = Transfers(count=state.transfers, known=state.transfer_commands)
        self.handoffs = Handoffs(agent_uuid=agent_uuid, count=state.handoffs)
        self.timer = ReplyTimer()
        self.out: list[Command] = []
        self.happened: list[Occurrence] = []
        self.floor = Floor.NEW
        self.now_ms = state.offset_ms
        self.later_ms = 0.0
        self.floor_since_ms = self.now_ms
        self.turn = state.turn
        self.unanswered = ""
        self.answer_ms: int | None = None
        self.keys = state.keys
        self.key_ms = self.now_ms
        self.keys_allowed: float = KEYS_AT_ONCE
        self.partial_due_ms = 0
        self.is_prepared = False
        self.prepare_ms: int | None = None
        self.deaf_since_ms: int | None = None
        self.has_told_deaf = False
        self.idle_prompts = 0
        self.misunderstood = 0
        self.steps_alone = 0
        self.wordless_sounds = 0
        self.opening = Opening(settings, is_open=is_outbound and state.met is None)
        self.met: Meeting | None = None
        self.ending: EndReason | None = None
        self.ended: CallEnd | None = None
        self.disposition = state.disposition

    @property
    def moment_ms(self) -> float:
        """The call's clock between two chunks too, to measure by; what is due goes by `now_ms`."""
        return self.now_ms + self.later_ms

    def append(self, event: Event) -> None:
        """Append to the run's event log."""
        self.out.append(Append(event=event))

    def note_error(self, code: str, message: str, *, recoverable: bool = False) -> None:
        """Append that something failed; after an error that is not `recoverable` the run has failed."""
        self.append(
            ErrorEvent(code=code, message=message, node_id=self.talk.node.id, recoverable=recoverable)
        )

    def move(self, floor: Floor) -> None:
        """Give the floor away, or begin anew on it; what the agent was kept from saying goes on unless it was stopped."""
        if floor is not Floor.AGENT:
            self.out += self.agent.go_on(self.now_ms)
        if floor is not Floor.THINKING:
            self.answer_ms = self.prepare_ms = None
        self.floor = floor
        self.floor_since_ms = self.now_ms

    # --- hearing ---

    @property
    def is_opening(self) -> bool:
        """Say whether it is still to be told who has answered: no edge leads back to the start."""
        return self.opening.is_open and self.talk.node.begins_call and self.caller.start_ms < LIMIT_MS

    @property
    def heeds_sounds(self) -> bool:
        """Say whether a sound silences the agent; not where each holds no words, such as the agent's own voice come back."""
        return self.wordless_sounds < MOST_WORDLESS_SOUNDS

    def expect(self) -> None:
        """Tell the recogniser what the caller may say now."""
        self.out.append(Expect(phrases=self.talk.expected(self.opening.phrases)))

    def note_words(self, text: str, *, inject_id: str | None = None) -> None:
        """Write the caller's words into the transcript, or those that an operator gives out for theirs."""
        self.turn += 1
        self.wordless_sounds = 0
        self.talk.add_line(text, from_caller=True)
        is_over = inject_id is not None or self.turns.is_speaking
        said = TranscriptEvent(
            segment_id=f"c{self.turn}",
            speaker=Speaker.CALLER,
            text=text,
            start_ms=self.caller.start_ms if inject_id is None else self.now_ms,
            end_ms=self.now_ms if is_over else self.caller.end_ms,
            turn=self.turn,
            node_id=self.talk.node.id,
            inject_id=inject_id,
        )
        self.append(said)

    def await_answer(self, text: str) -> None:
        """Keep the caller's words, behind those that wait already, until the agent may answer."""
        self.unanswered = f"{self.unanswered} {text}".strip()

    # --- saying ---

    def begin_speaking(self) -> None:
        """Say what every caller hears first."""
        self.say(self.talk.sentences(self.settings.consent_line))
        self.arrive()

    def say(self, sentences: Sequence[str], *, fixed: bool = True) -> None:
        """Have the agent say this after what is queued, and after what an operator wants said."""
        # What machines hear, and the last words, are nobody's to add to.
        is_for_caller = self.met is None and self.floor is not Floor.ENDING
        said = self.agent.say_injected() if is_for_caller else []
        said += self.agent.say(sentences, fixed=fixed)
        self.out += said
        if said and self.floor not in (Floor.CONNECTING, Floor.ENDING, Floor.TRANSFER, Floor.MUTED):
            self.move(Floor.AGENT)

    def say_node(self) -> None:
        """Say the present node's words, or have the language model find them."""
        if self.talk.needs_model:
            self.ask_model()
        else:
            self.say(self.talk.spoken)

    def prompt_again(self, before: str) -> None:
        """Say this and what the caller is asked at the moment, and listen anew."""
        if not self.agent.is_active:
            self.move(Floor.SILENT)
        self.say([*self.talk.sentences(before), *self.talk.asked], fixed=not self.talk.draft.heard)

    def note_playback(self) -> None:
        """Find out whether the agent still has something to say."""
        if not self.agent.is_active:
            self.happened.append(PlaybackOver())

    def misunderstand(self) -> None:
        """Ask again, or end a call in which nothing is understood."""
        self.agent.unheard = []
        self.misunderstood += 1
        if self.misunderstood > len(self.settings.misunderstood):
            self.end(EndReason.NOT_UNDERSTOOD, say=self.settings.misunderstood_goodbye)
        else:
            self.prompt_again(self.settings.misunderstood[self.misunderstood - 1])

    # --- asking ---

    def ask_model(self) -> None:
        """Have the language model decide what comes next, once the tools that it has called are all answered."""
        self.tools.owes_reply = self.tools.are_running
        if self.tools.are_running:
            if not self.agent.is_active:
                self.move(Floor.THINKING)
            return
        asked, answered = self.model.ask()
        self.out += asked
        self.happened += answered
        if not self.agent.is_active:
            self.move(Floor.THINKING)

    def drop_model(self) -> None:
        """Let the language model's answer, if one is awaited, count no more."""
        self.out += self.model.drop()

    def drop_prepared(self) -> None:
        """Let what was made for words that were not all be forgotten: what was asked ahead, and synthesised."""
        self.out += self.model.drop_ahead()
        if self.is_prepared:
            self.is_prepared = False
            self.out.append(DropPrepared())

    def drop_reply(self) -> None:
        """Let the reply that is being found, or made, count no more."""
        self.drop_prepared()
        self.drop_model()
        self.timer.cancel()

    def cut_off(self, by: InterruptedBy) -> None:
        """Silence the agent, and let nothing follow."""
        self.drop_reply()
        self.out += self.agent.stop(by, self.now_ms)

    # --- going on ---

    def take(self, edge: Edge, gathered: JsonObject, *, reason: NodeReason | Happening) -> None:
        """Go where an edge leads, and do what is done there."""
        self.forget_interrupted()
        self.keys = ""
        self.go(edge, gathered, reason=reason)
        self.say(self.talk.sentences(edge.data.transition_speech))
        self.arrive()

    def go(self, edge: Edge, gathered: JsonObject, *, reason: NodeReason | Happening) -> None:
        """Stand where an edge leads, and do nothing there yet."""
        self.out += self.opening.close(self.now_ms, is_person=True)
        self.extract()
        self.tools.leave()
        self.append(NodeEvent(from_=self.talk.node.id, to=edge.target, edge_id=edge.id, reason=reason))
        if gathered:
            self.append(ContextEvent(gathered=gathered))
        self.talk.take(edge, gathered)
        self.steps_alone += 1

    def extract(self) -> None:
        """Have a model find in the talk what the present node gathers; nothing waits for that."""
        if (order := self.talk.extraction()) is not None:
            self.out.append(order)

    def arrive(self) -> None:
        """Do what the present node does first, unless the workflow goes in circles without the caller."""
        if self.steps_alone > MOST_STEPS_ALONE:
            self.end(EndReason.IN_CIRCLES, say=self.settings.error_goodbye)
            return
        self.misunderstood = self.idle_prompts = 0
        if (call_back := self.talk.node.data.call_back) is not None:
            self.append(promised_by_node(call_back, self.talk.fill, self.now_ms))
        self.expect()
        self.say_node()
        if self.talk.leads_away or (self.talk.is_at_end and not self.talk.needs_model):
            self.go_on_from_words()
        elif not self.agent.is_active and not self.model.is_busy:
            self.move(Floor.SILENT)

    def go_on_from_words(self) -> None:
        """Do what the present node does once its words are said, if that is more than to listen."""
        if self.talk.leads_away:
            self.transfers.prepare()
            if isinstance(self.talk.errand, Handoff):
                self.out += self.handoffs.start(self.talk.errand, self.now_ms)
            self.move(Floor.TRANSFER)
            self.note_playback()
        elif self.talk.is_at_end:
            self.disposition = self.talk.node.data.disposition or self.disposition
            self.end(EndReason.AGENT)

    def follow(self, successor: Successor) -> None:
        """Be another agent from now on; nothing is done there yet."""
        self.settings = successor.settings
        self.turns.follow(barge_in_ms=successor.settings.barge_in_ms)
        self.talk.follow(successor)

    # --- forgetting ---

    def forget_interrupted(self) -> None:
        """Leave what was cut off, or not answered yet: the call has gone on from there."""
        self.agent.unheard = []
        self.unanswered = ""
        self.model.must_ask_again = False

    def forget_utterance(self) -> None:
        """Leave what the caller is saying, or has just said, without an answer: a key or the end has overtaken it."""
        if self.caller.is_open:
            self.out += self.caller.ignore()
        self.caller.give_up()

    # --- ending ---

    def end(self, reason: EndReason, *, say: str = "") -> None:
        """Say a last sentence, if any, and hang up once everything that is queued was heard."""
        self.out += self.transfers.abandon("call-ended")
        self.out += self.handoffs.fail("call-ended", self.now_ms)
        self.forget_utterance()
        self.drop_model()
        self.ending = reason
        self.agent.playback.is_closing = True
        self.move(Floor.ENDING)
        self.say(self.talk.sentences(say))
        self.note_playback()

    def close(self, reason: EndReason) -> None:
        """Take note that the call is over."""
        why = "caller-left" if reason is EndReason.CALLER else "call-ended"
        self.out += [*self.transfers.abandon(why), *self.handoffs.fail(why, self.now_ms)]
        self.drop_model()
        self.extract()
        self.out += self.opening.close(self.now_ms)
        if reason is EndReason.CALLER and self.met is not None:
            self.disposition = self.disposition or self.met.outcome
        self.ended = CallEnd(reason=reason, named_disposition=self.disposition, duration_ms=self.now_ms)
        self.move(Floor.ENDED)
