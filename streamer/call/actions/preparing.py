"""What will be said if the caller says no more is made while they may: nothing of it sounds or counts before it is known.

The caller's words are there after 200 ms of silence at the earliest, and the turn is over after 200, 500 or 1,600. In
between the agent's next words are found in a copy of the conversation, asked of the model if only that knows them, and
synthesised as far as their first sentence. Whoever goes on speaking has all of it dropped.
"""

from offhook.vocabulary import Happening
from offhook.workflows import Edge
from streamer.call.actions.machines import machine_that_says
from streamer.call.commands import Prepare
from streamer.call.conversation.conversation import Conversation
from streamer.call.conversation.speakable import speakable
from streamer.call.conversation.ways import Way
from streamer.call.course.course import Course
from streamer.call.events import ModelChose, ModelEvent, ModelText
from streamer.call.spoken.dialogue import Step


def prepare(call: Course, text: str) -> None:
    """Have made what would follow if these were all of the caller's words."""
    call.drop_prepared()
    if not text or machine_that_says(call, text) is not None:
        return
    talk = call.talk.imagined()
    talk.add_line(text, from_caller=True)
    step = talk.dialogue.hear(talk.draft, text) if talk.dialogue is not None else None
    if step is not None:
        _prepare_capture(call, talk, step)
        return
    phrase = talk.match(text)
    if phrase is not None:
        talk.take(phrase.edge, dict(phrase.gathered))
        _prepare_way(call, talk, phrase.edge)
    elif talk.asks_to_repeat(text):
        _prepare_step(call, talk)
    elif talk.node.data.prompt:
        _ask_ahead(call, talk)
    elif call.misunderstood < len(call.settings.misunderstood):
        _have_made(call, talk.sentences(call.settings.misunderstood[call.misunderstood]))


def hold_answer(call: Course, event: ModelEvent) -> None:
    """Keep what the model answers ahead, and have its first sentence, or that of the way it chooses, synthesised."""
    talk, is_first = call.model.imagined, call.model.hold(event)
    if talk is None or not is_first:
        return
    if isinstance(event, ModelText):
        _have_made(call, [speakable(event.text)], fixed=False)
    elif isinstance(event, ModelChose):
        _prepare_choice(call, talk, talk.ways.of(event.tool))


def _prepare_choice(call: Course, talk: Conversation, way: Way | None) -> None:
    """Have the first words of what the model chooses made; no tool runs before the turn is over."""
    if isinstance(way, Edge):
        there = talk.imagined()
        there.take(way, {})
        _have_made(call, there.sentences(way.data.transition_speech) or _own_words(there))
    elif way is not None:
        _have_made(call, talk.sentences(way.message))


def _prepare_capture(call: Course, talk: Conversation, step: Step) -> None:
    edge = talk.edge_when(Happening.CAPTURED)
    if step.gathered is not None and edge is not None:
        talk.take(edge, step.gathered)
        _prepare_way(call, talk, edge)
    elif step.prompt is not None and not step.is_over:
        talk.draft = step.draft
        _have_made(call, talk.prompted(step.prompt), fixed=False)


def _prepare_way(call: Course, talk: Conversation, edge: Edge) -> None:
    transition = talk.sentences(edge.data.transition_speech)
    _have_made(call, transition)
    for sentence in transition:
        talk.add_line(sentence, from_caller=False)
    if talk.needs_model:
        call.out += call.model.ask_ahead(talk)
    elif not transition:
        _have_made(call, talk.spoken)


def _prepare_step(call: Course, talk: Conversation) -> None:
    if talk.needs_model:
        _ask_ahead(call, talk)
    else:
        _have_made(call, talk.spoken)


def _ask_ahead(call: Course, talk: Conversation) -> None:
    # Who waits for tools is asked with their answers.
    if not call.tools.are_running:
        call.out += call.model.ask_ahead(talk)


def _own_words(talk: Conversation) -> list[str]:
    return [] if talk.needs_model else talk.spoken


def _have_made(call: Course, sentences: list[str], *, fixed: bool = True) -> None:
    if sentences and sentences[0] and not call.is_prepared:
        call.is_prepared = True
        call.out.append(Prepare(text=sentences[0], fixed=fixed))
