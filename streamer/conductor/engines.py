"""The engines of one call."""

from collections.abc import Callable
from dataclasses import dataclass

from offhook.models.ports import ModelChoice
from streamer.speech.ports import Recogniser, VoiceChoice, VoiceDetector


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """What a call hears, speaks and thinks with; of each the first one that works."""

    recognisers: tuple[Recogniser, ...]
    voices: tuple[VoiceChoice, ...]
    models: tuple[ModelChoice, ...]
    max_reply_tokens: int = 500
    new_detector: Callable[[], VoiceDetector]
