"""Amazon Transcribe, streaming: one interface over its two protocols."""

from streamer.speech.transcribe.options import Patience, Place, TranscribeOptions, Transport
from streamer.speech.transcribe.results import ItemKind, TranscribeItem, TranscribeResult
from streamer.speech.transcribe.stream import TranscribeStream
from streamer.speech.transcribe.transports import Transcriber

__all__ = [
    "ItemKind",
    "Patience",
    "Place",
    "TranscribeItem",
    "TranscribeOptions",
    "TranscribeResult",
    "TranscribeStream",
    "Transcriber",
    "Transport",
]
