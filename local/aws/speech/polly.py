"""Polly's two operations: what they take, what they refuse, and the speech, piece by piece."""

import time
import xml.etree.ElementTree as ET
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from local.aws.speech.faults import Faults
from local.aws.speech.refusals import RefusalError
from local.aws.speech.voices import VOICES, Voice
from offhook.json_types import JsonObject, JsonValue
from streamer.media import mulaw
from streamer.speech.resample import Upsampler

Speak = Callable[[str, str], AsyncIterator[bytes]]
"""Speaks a text with a voice of espeak's, as mu-law."""

_LONGEST_TEXT = 6000
_MOST_BILLED = 3000
_REMEMBERED_REQUESTS = 1000
# Requests a second, and how many more than in a second come through at once, by the developer guide's "Quotas".
_QUOTAS = {"standard": 80, "neural": 8, "long-form": 8, "generative": 8}
_BURST = 1.25


class SynthesizeSpeech(BaseModel):
    """The body of a request."""

    model_config = ConfigDict(frozen=True)

    Engine: Literal["standard", "neural", "long-form", "generative"] = "standard"
    LanguageCode: str = ""
    OutputFormat: Literal["json", "mp3", "ogg_opus", "ogg_vorbis", "pcm", "mulaw", "alaw"]
    SampleRate: str = ""
    Text: str
    TextType: Literal["text", "ssml"] = "text"
    VoiceId: str


@dataclass(slots=True, kw_only=True)
class Polly:
    """What all requests share; a voice in `without_mulaw` speaks PCM only."""

    speak: Speak
    faults: Faults = field(default_factory=Faults)
    without_mulaw: set[str] = field(default_factory=set)
    requests_per_second: dict[str, int] = field(default_factory=_QUOTAS.copy)
    requests: deque[SynthesizeSpeech] = field(default_factory=lambda: deque(maxlen=_REMEMBERED_REQUESTS))
    throttled: int = 0
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)

    def describe_voices(self, query: Mapping[str, str]) -> JsonObject:
        """Answer with the voices of a language and an engine, or all."""
        language, engine = query.get("LanguageCode"), query.get("Engine")
        found: list[JsonValue] = [
            voice.to_json()
            for voice in VOICES.values()
            if (language is None or language in voice.languages)
            and (engine is None or engine in voice.engines)
        ]
        return {"Voices": found}

    def synthesize(self, body: bytes) -> "Speech":
        """Take a request; raise RefusalError."""
        try:
            request = SynthesizeSpeech.model_validate_json(body)
        except ValidationError as error:
            raise RefusalError(
                "ValidationException", "The request has a value that is not allowed."
            ) from error
        self.requests.append(request)
        self._count(request.Engine)
        voice = _voice(request)
        self._check_format(request)
        text = _text(request)
        return Speech(
            pieces=_pieces(self.speak(text, voice.espeak), request),
            content_type=f"audio/{request.OutputFormat}",
            characters=len(text),
        )

    def _count(self, engine: str) -> None:
        rate, now_s = self.requests_per_second[engine], time.monotonic()
        left, since_s = self._left.get(engine, (rate * _BURST, now_s))
        left = min(rate * _BURST, left + (now_s - since_s) * rate)
        if left < 1:
            self.throttled += 1
            raise RefusalError("ThrottlingException", "Rate exceeded")
        self._left[engine] = (left - 1, now_s)

    def _check_format(self, request: SynthesizeSpeech) -> None:
        if request.OutputFormat not in ("mulaw", "pcm"):
            raise RefusalError(
                "ValidationException", "This server on this machine speaks mulaw and pcm only."
            )
        if request.OutputFormat == "mulaw" and request.VoiceId in self.without_mulaw:
            raise RefusalError(
                "ValidationException", "The output format is not supported for this voice and engine."
            )
        rates = ("", "8000") if request.OutputFormat == "mulaw" else ("", "8000", "16000")
        if request.SampleRate not in rates:
            raise RefusalError(
                "InvalidSampleRateException", "Unsupported sample rate for this output format."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """What is answered."""

    pieces: AsyncIterator[bytes]
    content_type: str
    characters: int


def _voice(request: SynthesizeSpeech) -> Voice:
    voice = VOICES.get(request.VoiceId)
    if voice is None:
        raise RefusalError("ValidationException", "There is no such voice.")
    if request.Engine not in voice.engines:
        raise RefusalError("EngineNotSupportedException", "This voice does not support the selected engine.")
    if request.LanguageCode not in ("", *voice.languages):
        raise RefusalError(
            "LanguageNotSupportedException", "This voice does not support the selected language."
        )
    return voice


def _text(request: SynthesizeSpeech) -> str:
    text = request.Text if request.TextType == "text" else _plain(request.Text)
    if len(request.Text) > _LONGEST_TEXT or len(text) > _MOST_BILLED:
        raise RefusalError("TextLengthExceededException", "Maximum text length has been exceeded.")
    return text


def _plain(ssml: str) -> str:
    """Return the words of SSML; of its markup only `sub` is performed, the rest is checked."""
    try:
        root = ET.fromstring(ssml)  # noqa: S314 - only who runs this server on this machine can reach it
    except ET.ParseError as error:
        raise RefusalError("InvalidSsmlException", "Invalid SSML request") from error
    if root.tag.rpartition("}")[2] != "speak":
        raise RefusalError("InvalidSsmlException", "Invalid SSML request")
    return "".join(_words(root))


def _words(element: ET.Element) -> Iterator[str]:
    if element.tag.rpartition("}")[2] == "sub" and (alias := element.get("alias")):
        yield alias
        return
    yield element.text or ""
    for child in element:
        yield from _words(child)
        yield child.tail or ""


async def _pieces(speech: AsyncIterator[bytes], request: SynthesizeSpeech) -> AsyncIterator[bytes]:
    upsampler = Upsampler()
    async for piece in speech:
        if request.OutputFormat == "mulaw":
            yield piece
        elif request.SampleRate == "8000":
            yield mulaw.decode(piece)
        else:
            samples = np.frombuffer(mulaw.decode(piece), "<i2").astype(np.float32)
            yield np.clip(upsampler.feed(samples), -32768, 32767).astype("<i2").tobytes()
