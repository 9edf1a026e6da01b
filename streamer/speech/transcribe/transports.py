"""Opens streams, by the transport that was chosen."""

import asyncio

from botocore.credentials import ReadOnlyCredentials
from botocore.session import Session

from streamer.speech.aws_failures import AwsSpeechError, Failure
from streamer.speech.transcribe.http2 import open_http2
from streamer.speech.transcribe.options import DEFAULT_PATIENCE, Patience, Place, TranscribeOptions, Transport
from streamer.speech.transcribe.stream import SERVICE, TranscribeStream
from streamer.speech.transcribe.websocket import open_websocket


class Transcriber:
    """Transcribe at one place, with the credentials of one session of the SDK."""

    def __init__(
        self, place: Place, *, transport: Transport, session: Session, patience: Patience = DEFAULT_PATIENCE
    ) -> None:
        self._place = place
        self._transport = transport
        self._session = session
        self._patience = patience

    async def open(self, options: TranscribeOptions) -> TranscribeStream:
        """Open a stream for one caller; raise AwsSpeechError, after the patience for it at the latest."""
        # In a thread: now and then they are fetched anew.
        credentials = await asyncio.to_thread(self._frozen_credentials)
        open_stream = open_http2 if self._transport is Transport.HTTP2 else open_websocket
        return await open_stream(self._place, options, credentials, self._patience)

    def _frozen_credentials(self) -> ReadOnlyCredentials:
        credentials = self._session.get_credentials()
        if credentials is None:
            raise AwsSpeechError(Failure.REFUSED, service=SERVICE, reason="no credentials are set")
        return credentials.get_frozen_credentials()
