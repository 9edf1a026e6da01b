"""The `/synthesise` socket: texts in, speech out, one after the other."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from pydantic import ValidationError
from websockets.asyncio.server import ServerConnection

from local.speech.messages import Say
from local.speech.speaker import Speaker
from offhook.errors import InvalidInputError


class Mouth:
    """The one speaker of the process and the one thread that it speaks on; texts of all sockets take turns."""

    def __init__(self) -> None:
        self._speaker = Speaker()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="espeak")

    def close(self) -> None:
        """Stop the thread after the text that it is speaking."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    async def speak(self, text: Say, socket: ServerConnection) -> None:
        """Send the speech of one text piece by piece, until it ends or the client leaves."""
        loop = asyncio.get_running_loop()
        # Unbounded, yet bounded by the longest text that a message may hold: the synthesiser is never held up.
        pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        has_left = Event()

        def on_audio(piece: bytes) -> bool:
            loop.call_soon_threadsafe(pieces.put_nowait, piece)
            return not has_left.is_set()

        def work() -> None:
            try:
                self._speaker.say(text.text, voice=text.voice, on_audio=on_audio)
            finally:
                loop.call_soon_threadsafe(pieces.put_nowait, None)

        done = loop.run_in_executor(self._thread, work)
        try:
            while (piece := await pieces.get()) is not None:
                await socket.send(piece)
        finally:
            has_left.set()
            await done


async def serve_synthesis(socket: ServerConnection, mouth: Mouth) -> None:
    """Speak the texts of one client in order until it leaves."""
    async for message in socket:
        text = _read(message)
        await mouth.speak(text, socket)
        await socket.send(json.dumps({"type": "done", "id": text.id}))


def _read(message: str | bytes) -> Say:
    try:
        return Say.model_validate_json(message)
    except ValidationError as error:
        raise InvalidInputError("Send an object with `id`, `text` and `voice`.") from error
