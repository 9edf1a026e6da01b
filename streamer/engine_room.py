"""The engines of this process, one of each that agents can be given, and the choice among them for a call."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from offhook.agents.offered import Choice, Offered
from offhook.agents.quotas import Quotas
from offhook.agents.settings import AgentSettings
from offhook.models.ports import Models
from offhook.settings import Settings
from streamer.conductor.engines import Engines
from streamer.speech.deaf import DeafRecogniser
from streamer.speech.ports import Recogniser, Synthesiser, Voice, VoiceChoice, VoiceDetector
from streamer.speech.voice import WebRtcVoiceDetector

_FOR_KEYS = DeafRecogniser()


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineRoom:
    """Engines by the names that agents' settings choose them by; the first are for agents that choose none."""

    recognisers: Mapping[str, Recogniser]
    synthesisers: Mapping[str, Synthesiser]
    models: Models
    new_detector: Callable[[], VoiceDetector] = WebRtcVoiceDetector

    def choose(self, settings: AgentSettings) -> Choice:
        """Return the names of what a call of such an agent runs on."""
        return Offered(
            recognisers=tuple(self.recognisers),
            synthesisers=tuple(self.synthesisers),
            models=self.models.names,
        ).choose(settings)

    def engines_for(self, choice: Choice, settings: AgentSettings, *, hears: bool) -> Engines:
        """Return what a call runs on; one that `hears` nothing goes by keys alone."""
        return Engines(
            recognisers=self._recognisers(choice) if hears else (_FOR_KEYS,),
            voices=tuple(self._voices(choice, settings)),
            models=self.models.choose(settings),
            max_reply_tokens=settings.max_reply_tokens,
            new_detector=self.new_detector,
        )

    def _recognisers(self, choice: Choice) -> tuple[Recogniser, ...]:
        names = (choice.recogniser, choice.second_recogniser)
        return tuple(self.recognisers[name] for name in names if name is not None)

    def _voices(self, choice: Choice, settings: AgentSettings) -> Iterator[VoiceChoice]:
        names = ((choice.synthesiser, choice.voice), (choice.second_synthesiser, choice.second_voice))
        for engine, name in names:
            if engine is not None:
                voice = Voice(
                    engine=engine,
                    name=name,
                    language=settings.language,
                    pronunciations=settings.pronunciations,
                )
                yield VoiceChoice(voice=voice, synthesiser=self.synthesisers[engine])


def make_engine_room(settings: Settings, models: Models, quotas: Quotas | None = None) -> EngineRoom:
    """Make one of each speech engine that is offered, from the module of its name; raise NotConfiguredError.

    Engines whose service counts requests take them of the `quotas`; without those they are not held back.
    """
    offered = Offered.by(settings)
    return EngineRoom(
        recognisers={name: _module(name).make_recogniser(settings) for name in offered.recognisers},
        synthesisers={
            name: _module(name).make_synthesiser(settings, quotas) for name in offered.synthesisers
        },
        models=models,
    )


def _module(engine: str) -> Any:
    return import_module(f"streamer.speech.{engine}.engine")
