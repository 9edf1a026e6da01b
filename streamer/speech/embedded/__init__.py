"""The speech engines of every install: offline ones."""

from streamer.speech.embedded.engine import make_recogniser, make_synthesiser

__all__ = ["make_recogniser", "make_synthesiser"]
