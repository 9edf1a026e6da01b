"""Carrying out Connect: one media stream after the other on a call."""

import asyncio
import secrets

from local.cloudonix.application.call import Call
from local.cloudonix.application.media import run_media_stream
from local.cloudonix.cxml.verbs import ConnectStream
from local.cloudonix.dial import StreamEnd, names_of, now_ms
from streamer.media import Started


class Streams:
    """Opens the streams of one call; a name that was used before is passed over."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._names: set[str] = set()

    async def open(self, verb: ConnectStream) -> None:
        """Open a stream and wait for its end."""
        if verb.name and verb.name in self._names:
            return
        self._names.add(verb.name)
        call, started = self._call, self._started(verb)
        fault = None if call.record.streams else call.script.stream_fault
        self._tell(verb, started, "stream-started")
        try:
            call.record.streams.append(await run_media_stream(verb.url, started, call.phone, fault))
        except asyncio.CancelledError:
            # The call was hung up or switched, and the carrier has closed the socket itself.
            call.record.streams.append(StreamEnd(code=1000, reason=""))
            raise
        finally:
            self._tell(verb, started, "stream-stopped")

    def _started(self, verb: ConnectStream) -> Started:
        dial, record = self._call.dial, self._call.record
        return Started(
            stream_sid=f"MZ{secrets.token_hex(16)}",
            call_sid=record.call_sid,
            account_sid=dial.domain,
            session=record.token,
            caller=dial.caller,
            called=dial.called,
            context=dial.direction.value,
            custom_parameters=dict(verb.parameters),
            tracks=("inbound",),
            media_format={"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        )

    def _tell(self, verb: ConnectStream, started: Started, event: str) -> None:
        body = names_of(self._call.dial, self._call.record) | {
            "StreamSid": started.stream_sid,
            "StreamName": verb.name,
            "StreamEvent": event,
            "Timestamp": now_ms(),
        }
        self._call.callbacks.post(verb.status_callback, body)
