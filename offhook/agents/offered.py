"""The engines that an install has, and what they make of an agent's settings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

from offhook.agents.engines import BEDROCK, EMBEDDED, MODELS, OPENAI, RECOGNISERS, SYNTHESISERS
from offhook.agents.settings import AgentSettings
from offhook.errors import NotConfiguredError
from offhook.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The engines of one call by name, with its voice or its model's id; what is second is there if the first fails.

    `missing` are engines, and the voice, that the agent names and the install has not.
    """

    recogniser: str
    synthesiser: str
    voice: str
    second_recogniser: str | None = None
    second_synthesiser: str | None = None
    second_voice: str = ""
    model: str = EMBEDDED
    model_id: str = ""
    second_model: str | None = None
    second_model_id: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """The names of an install's engines; the first of each kind is for agents that name none."""

    recognisers: tuple[str, ...]
    synthesisers: tuple[str, ...]
    models: tuple[str, ...] = (EMBEDDED,)
    model_ids: Mapping[str, str] = field(default_factory=dict)
    """The model of those agents that name none, by engine."""
    has_second_region: bool = False
    """Whether Bedrock's models can be asked in another region when the first does not answer."""

    @classmethod
    def by(cls, settings: Settings) -> Self:
        """Read what the operator has set; raise NotConfiguredError."""
        return cls(
            recognisers=_names("RECOGNISERS", settings.recognisers, RECOGNISERS),
            synthesisers=_names("SYNTHESISERS", settings.synthesisers, SYNTHESISERS),
            models=_names("MODELS", settings.models, MODELS),
            model_ids={BEDROCK: settings.bedrock_model, OPENAI: settings.llm_model},
            has_second_region=bool(settings.bedrock_second_region),
        )

    def choose(self, settings: AgentSettings) -> Choice:
        """Return what a call of this agent runs on.

        In the place of an engine that the install has no longer stands its first one, with a voice of the agent's
        language: a line that sounds different is better than one that is dead. A second one is left out.
        """
        recogniser = _one_of(self.recognisers, settings.recogniser) or self.recognisers[0]
        synthesiser = _one_of(self.synthesisers, settings.synthesiser) or self.synthesisers[0]
        second = second_synthesiser(settings, synthesiser)
        model = _one_of(self.models, settings.model) or self.models[0]
        model_id = self.model_id(model, settings.model_id if settings.model in (None, model) else None)
        second_model = _one_of(self.models, self.second_model(settings, model))
        return Choice(
            recogniser=recogniser,
            synthesiser=synthesiser,
            voice=voice_of(synthesiser, settings.voice, settings.language),
            second_recogniser=_one_of(self.recognisers, settings.second_recogniser),
            second_synthesiser=_one_of(self.synthesisers, second),
            second_voice=voice_of(second, settings.second_voice, settings.language) if second else "",
            model=model,
            model_id=model_id,
            second_model=second_model,
            second_model_id=self.model_id(
                second_model, settings.second_model_id, model_id if second_model == model else ""
            ),
            missing=tuple(dict.fromkeys(self._missing_names(settings))),
        )

    def model_id(self, engine: str | None, named: str | None, default: str = "") -> str:
        """Return the id of a model that is named, else the default, else the install's; "" where an engine has no ids."""
        if engine is None or not MODELS[engine].has_ids:
            return ""
        return named or default or self.model_ids.get(engine, "")

    def second_model(self, settings: AgentSettings, first: str) -> str | None:
        """Return who answers when the first can't: a second id alone is one of the same, as is another region."""
        is_elsewhere = first == BEDROCK and self.has_second_region
        return settings.second_model or (first if settings.second_model_id or is_elsewhere else None)

    def missing(self, settings: AgentSettings) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Yield each engine that the agent names and the install has not: its field, its name, and those that there are."""
        for kind, offered in (
            ("recogniser", self.recognisers),
            ("synthesiser", self.synthesisers),
            ("model", self.models),
        ):
            for field_ in (kind, f"second_{kind}"):
                name = getattr(settings, field_)
                if name is not None and name not in offered:
                    yield field_, name, offered

    def _missing_names(self, settings: AgentSettings) -> Iterator[str]:
        for _, name, _ in self.missing(settings):
            yield name
        first = _one_of(self.synthesisers, settings.synthesiser) or self.synthesisers[0]
        if settings.voice is not None and not SYNTHESISERS[first].has(settings.voice):
            yield settings.voice


def voice_of(synthesiser: str, voice: str | None, language: str) -> str:
    """Return the voice if the synthesiser has it, else the one that it has for the language."""
    offer = SYNTHESISERS[synthesiser]
    return voice if voice is not None and offer.has(voice) else offer.voice_for(language)


def second_synthesiser(settings: AgentSettings, first: str) -> str | None:
    """Return what speaks when the first can't: a second voice alone is one of the same synthesiser."""
    return settings.second_synthesiser or (first if settings.second_voice else None)


def _one_of(offered: tuple[str, ...], name: str | None) -> str | None:
    return name if name in offered else None


def _names(variable: str, text: str, known: Mapping[str, object]) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    strange = [name for name in names if name not in known]
    if strange or not names:
        what = f"has no {strange[0]!r}" if strange else "is empty"
        raise NotConfiguredError(f"OFFHOOK_{variable} {what}: use {', '.join(known)}, separated by commas.")
    return names
