"""What a test in another process can ask of the services: failures, scripts, vocabularies."""

import base64
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, Field

from local.aws.speech.faults import Fault, Faults, Service
from local.aws.speech.polly import Polly
from local.aws.speech.transcribe_stream import Transcribe
from local.aws.speech.words import DEFAULT_PACE, Pace, Utterance, Word
from offhook.json_types import JsonObject
from streamer.media import mulaw


class Script(BaseModel):
    """The words of some audio, mu-law in Base64; without audio, of the next utterance of each stream."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    audio: str | None = None
    words: list[Word]
    told_ms: int = Field(default=DEFAULT_PACE.told_ms, ge=0)
    stable_ms: int = Field(default=DEFAULT_PACE.stable_ms, ge=0)
    final_ms: int = Field(default=DEFAULT_PACE.final_ms, ge=0)

    @property
    def pace(self) -> Pace:
        return Pace(told_ms=self.told_ms, stable_ms=self.stable_ms, final_ms=self.final_ms)


class Vocabulary(BaseModel):
    """A vocabulary, which the offline recogniser takes for the list of phrases that it can hear."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    phrases: list[str]


class Controls:
    """The control routes; each takes JSON and says what it has done."""

    def __init__(self, transcribe: Transcribe, polly: Polly) -> None:
        self._transcribe = transcribe
        self._polly = polly
        self._routes: dict[str, Callable[[bytes], JsonObject]] = {
            "faults": self._add_fault,
            "strikes": self._strike,
            "calm": self._calm,
            "scripts": self._add_script,
            "vocabularies": self._add_vocabulary,
        }

    def __call__(self, path: str, body: bytes) -> JsonObject:
        """Carry out one request."""
        route = self._routes.get(path)
        return {"error": f"The routes are {', '.join(self._routes)}."} if route is None else route(body)

    def _add_fault(self, body: bytes) -> JsonObject:
        fault = Fault.model_validate_json(body)
        self._faults(fault).add(fault)
        return {"added": fault.kind}

    def _strike(self, body: bytes) -> JsonObject:
        fault = Fault.model_validate_json(body)
        return {"struck": self._faults(fault).strike(fault)}

    def _calm(self, _body: bytes) -> JsonObject:
        self._transcribe.faults.clear()
        self._polly.faults.clear()
        return {}

    def _add_script(self, body: bytes) -> JsonObject:
        script = Script.model_validate_json(body)
        if script.audio is None:
            utterance = Utterance(words=tuple(script.words), pace=script.pace)
            self._transcribe.scripts.in_order += (utterance,)
        else:
            pcm = mulaw.decode(base64.b64decode(script.audio))
            self._transcribe.scripts.add(pcm, script.words, script.pace)
        return {"words": len(script.words)}

    def _add_vocabulary(self, body: bytes) -> JsonObject:
        vocabulary = Vocabulary.model_validate_json(body)
        self._transcribe.vocabularies[vocabulary.name] = tuple(vocabulary.phrases)
        return {"phrases": len(vocabulary.phrases)}

    def _faults(self, fault: Fault) -> Faults:
        return self._polly.faults if fault.service is Service.POLLY else self._transcribe.faults
