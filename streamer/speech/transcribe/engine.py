"""Transcribe as an engine of this process."""

from offhook.settings import Settings
from streamer.speech.aws_session import new_session, region_of
from streamer.speech.transcribe.options import Place, Transport
from streamer.speech.transcribe.recogniser import TranscribeRecogniser
from streamer.speech.transcribe.transports import Transcriber


def make_recogniser(settings: Settings) -> TranscribeRecogniser:
    """Return the recogniser; raise NotConfiguredError."""
    session = new_session()
    place = Place(
        region=region_of(session),
        url=settings.transcribe_url,
        ca_file=settings.transcribe_ca_file or None,
    )
    transport = Transport(settings.transcribe_transport)
    return TranscribeRecogniser(Transcriber(place, transport=transport, session=session))
