"""What a test in another process can ask of the services: failures, scripts, vocabularies."""

import base64
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from local.aws.speech.faults import Fault, Service
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """The control routes; each takes JSON and says what it has done."""

    transcribe: Transcribe
    polly: Polly

    def __call__(self, path: str, body: bytes) -> JsonObject:
        """Carry out one request."""
        match path:
            case "faults":
                return self._befall(Fault.model_validate_json(body))
            case "scripts":
                return self._add(Script.model_validate_json(body))
            case "vocabularies":
                vocabulary = Vocabulary.model_validate_json(body)
                self.transcribe.vocabularies[vocabulary.name] = tuple(vocabulary.phrases)
                return {"phrases": len(vocabulary.phrases)}
        return {"error": "The routes are faults, scripts and vocabularies."}

    def _add(self, script: Script) -> JsonObject:
        if script.audio is None:
            utterance = Utterance(words=tuple(script.words), pace=script.pace)
            self.transcribe.scripts.in_order += (utterance,)
        else:
            pcm = mulaw.decode(base64.b64decode(script.audio))
            self.transcribe.scripts.add(pcm, script.words, script.pace)
        return {"words": len(script.words)}

    def _befall(self, fault: Fault) -> JsonObject:
        faults = self.polly.faults if fault.service is Service.POLLY else self.transcribe.faults
        faults.add(fault)
        return {"added": fault.kind}
