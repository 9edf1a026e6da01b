"""The `/synthesise` socket: texts in, speech out, one after the other."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from pydantic import ValidationError
from websockets.asyncio.server import ServerConnection

from local.speech.messages import SYNTHESISE, Cancel, Say, SynthesiseMessage
from local.speech.speaker import Speaker
from offhook.errors import InvalidInputError

_MOST_WAITING = 32


class Mouth:
    """The one speaker of the process and the one thread that it speaks on; texts of all sockets take turns."""

    def __init__(self) -> None:
        self._speaker = Speaker()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="espeak")

    def close(self) -> None:
        """Stop the thread after the text that it is speaking."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    async def speak(self, text: Say, socket: ServerConnection, cancelled: Event) -> None:
        """Send the speech of one text piece by piece, until it ends or is cancelled."""
        loop = asyncio.get_running_loop()
        # Unbounded, yet bounded by the longest text that a message may hold: the synthesiser is never held up.
        pieces: asyncio.Queue[bytes | None] = asyncio.Queue()

        def on_audio(piece: bytes) -> bool:
            if not cancelled.is_set():
                loop.call_soon_threadsafe(pieces.put_nowait, piece)
            return not cancelled.is_set()

        def work() -> None:
            try:
                self._speaker.say(text.text, voice=text.voice, rate_wpm=text.rate, on_audio=on_audio)
            finally:
                loop.call_soon_threadsafe(pieces.put_nowait, None)

        done = loop.run_in_executor(self._thread, work)
        try:
            while (piece := await pieces.get()) is not None:
                if not cancelled.is_set():
                    await socket.send(piece)
        finally:
            cancelled.set()
            await done


async def serve_synthesis(socket: ServerConnection, mouth: Mouth) -> None:
    """Speak the texts of one client in order until it leaves."""
    waiting: asyncio.Queue[Say] = asyncio.Queue(_MOST_WAITING)
    cancelled: dict[str, Event] = {}

    async def speak_all() -> None:
        while True:
            text = await waiting.get()
            await mouth.speak(text, socket, cancelled[text.id])
            del cancelled[text.id]
            await socket.send(json.dumps({"type": "done", "id": text.id}))

    async with asyncio.TaskGroup() as tasks:
        speaking = tasks.create_task(speak_all())
        async for message in socket:
            asked = _read(message)
            if isinstance(asked, Cancel):
                if asked.id in cancelled:
                    cancelled[asked.id].set()
            elif asked.id in cancelled:
                raise InvalidInputError("A text with this id is still being spoken; give each its own.")
            else:
                cancelled[asked.id] = Event()
                await waiting.put(asked)
        for event in cancelled.values():
            event.set()
        speaking.cancel()


def _read(message: str | bytes) -> SynthesiseMessage:
    try:
        return SYNTHESISE.validate_json(message)
    except ValidationError as error:
        raise InvalidInputError(
            "Send an object with `id`, `text`, `voice` and perhaps `rate` (80 to 450)."
        ) from error
