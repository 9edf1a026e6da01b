"""The engines of one process, and the limits under which calls use them."""

from collections.abc import Callable
from dataclasses import dataclass

from offhook.agents.engines import EMBEDDED
from offhook.models.ports import LanguageModel
from streamer.speech.ports import Recogniser, VoiceChoice, VoiceDetector

REPLY_LIMIT_S = 10.0
"""The longest that a language model may take for its next piece."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """What a call hears, speaks and thinks with; of its recognisers and voices the first one that works."""

    recognisers: tuple[Recogniser, ...]
    voices: tuple[VoiceChoice, ...]
    model: LanguageModel
    model_name: str = EMBEDDED
    new_detector: Callable[[], VoiceDetector]
