"""Amazon Polly: its client, and the synthesiser of calls that is made of it."""

from streamer.speech.polly.client import Polly, make_client, to_ssml
from streamer.speech.polly.synthesiser import PollySynthesiser

__all__ = ["Polly", "PollySynthesiser", "make_client", "to_ssml"]
