"""The engines of every install: offline speech, and a model that goes by words."""

from streamer.speech.embedded.engine import make_model, make_recogniser, make_synthesiser

__all__ = ["make_model", "make_recogniser", "make_synthesiser"]
