"""What an agent asks of its engines that they don't have, or the install has not."""

from collections.abc import Iterator, Sequence

from offhook.agents.engines import (
    BEDROCK,
    MODELS,
    RECOGNISERS,
    SYNTHESISERS,
    RecogniserOffer,
    SynthesiserOffer,
)
from offhook.agents.offered import Offered, second_synthesiser
from offhook.agents.settings import AgentSettings
from offhook.errors import FieldProblem
from offhook.workflows import Workflow


def needs_recogniser(workflow: Workflow, settings: AgentSettings) -> bool:
    """Say whether calls of this agent depend on words: of callers, or of the machines that it knows by them."""
    return workflow.goes_by_words or settings.answered_by.go_by_words


def engine_problems(workflow: Workflow, settings: AgentSettings, offered: Offered) -> Iterator[FieldProblem]:
    """Yield what is wrong with the engines of an agent whose workflow has no fault."""
    missing = [*offered.missing(settings)]
    for field, name, there in missing:
        message = f"This install has no {name}: use {' or '.join(map(repr, there))}, or leave it out."
        yield FieldProblem(loc=("settings", field), msg=message)
    # Of an engine that is not there, its voices and languages are no matter.
    if missing:
        return
    choice = offered.choose(settings)
    yield from _recogniser_problems(
        RECOGNISERS[choice.recogniser], settings, needs_recogniser(workflow, settings)
    )
    if choice.second_recogniser is not None and needs_recogniser(workflow, settings):
        yield from _unheard(RECOGNISERS[choice.second_recogniser], "second_recogniser", (settings.language,))
    yield from _voice_problems(SYNTHESISERS[choice.synthesiser], "voice", settings.voice)
    second = second_synthesiser(settings, choice.synthesiser)
    if second is not None:
        yield from _voice_problems(SYNTHESISERS[second], "second_voice", settings.second_voice)
    yield from _model_problems(choice.model, choice.model_id, "model_id", settings.model_id)
    if choice.second_model is not None:
        yield from _model_problems(
            choice.second_model, choice.second_model_id, "second_model_id", settings.second_model_id
        )
    if settings.guardrail is not None and not MODELS[choice.model].has_guardrails:
        message = f"The model {choice.model} has no guardrails: leave `guardrail` out, or use {BEDROCK}."
        yield FieldProblem(loc=("settings", "guardrail"), msg=message)


def _model_problems(engine: str, chosen: str, field: str, named: str | None) -> Iterator[FieldProblem]:
    if named is not None and not MODELS[engine].has_ids:
        yield FieldProblem(
            loc=("settings", field), msg=f"The model {engine} has no others: leave `{field}` out."
        )
    elif MODELS[engine].has_ids and not chosen:
        message = f"Name the model that {engine} is asked for: this install has none for agents that don't."
        yield FieldProblem(loc=("settings", field), msg=message)


def _recogniser_problems(
    recogniser: RecogniserOffer, settings: AgentSettings, is_needed: bool
) -> Iterator[FieldProblem]:
    if settings.languages and not recogniser.identifies_languages:
        yield _without(recogniser, "languages", "does not find out what a caller speaks")
    elif is_needed and settings.languages:
        yield from _unheard(recogniser, "languages", settings.languages)
    elif is_needed:
        yield from _unheard(recogniser, "language", (settings.language,))
    if settings.vocabularies and not recogniser.has_vocabularies:
        yield _without(recogniser, "vocabularies", "has no vocabularies")


def _without(recogniser: RecogniserOffer, field: str, what: str) -> FieldProblem:
    message = f"The recogniser {recogniser.name} {what}: leave `{field}` out, or use another recogniser."
    return FieldProblem(loc=("settings", field), msg=message)


def _unheard(recogniser: RecogniserOffer, field: str, languages: Sequence[str]) -> Iterator[FieldProblem]:
    if all(map(recogniser.spelling, languages)):
        return
    known = ", ".join(recogniser.languages)
    regions = (
        "" if "-" in recogniser.languages[0] else f", of any region such as {recogniser.languages[0]}-US"
    )
    message = (
        f"The recogniser {recogniser.name} does not know this language: use {known}{regions}, or another recogniser. "
        "Agents of keys alone may have any."
    )
    yield FieldProblem(loc=("settings", field), msg=message)


def _voice_problems(synthesiser: SynthesiserOffer, field: str, voice: str | None) -> Iterator[FieldProblem]:
    if voice is None or synthesiser.has(voice):
        return
    name = voice.partition("+")[0]
    if name in synthesiser.voices:
        variants = ", ".join(synthesiser.voices[name].variants)
        message = (
            f"The synthesiser {synthesiser.name} has {name} alone or, after a +, with one of {variants}."
        )
    else:
        variants = ", ".join(dict.fromkeys(v for each in synthesiser.voices.values() for v in each.variants))
        message = (
            f"The synthesiser {synthesiser.name} has no such voice: use one of {', '.join(synthesiser.voices)}; each "
            f"alone or, where it has that, after a + with one of {variants}."
        )
    yield FieldProblem(loc=("settings", field), msg=message)
