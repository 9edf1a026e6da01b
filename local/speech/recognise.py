"""The `/recognise` socket: audio and phrase lists in, what was said out."""

import json
from typing import assert_never

from pydantic import ValidationError
from websockets.asyncio.server import ServerConnection

from local.speech.listener import DecoderPool, Listener
from local.speech.messages import RECOGNISE, Finish, Listen, RecogniseMessage
from offhook.errors import InvalidInputError
from offhook.json_types import JsonObject

# Of each skipped phrase: with 1,000 of them the answer stays within the megabyte that a client takes.
_TOLD_CHARACTERS = 100


async def serve_recognition(socket: ServerConnection, pool: DecoderPool) -> None:
    """Listen to one caller until the client leaves.

    Everything is decoded on the loop as it comes: pocketsphinx holds the GIL, so a thread would gain nothing.
    """
    listener = Listener(pool)
    try:
        async for message in socket:
            if isinstance(message, bytes):
                listener.feed(message)
            else:
                await socket.send(json.dumps(_answer(listener, _read(message)), ensure_ascii=False))
    finally:
        listener.close()


def _read(message: str) -> RecogniseMessage:
    try:
        return RECOGNISE.validate_json(message)
    except ValidationError as error:
        raise InvalidInputError("Send a `listen` or a `finish` message, or binary audio.") from error


def _answer(listener: Listener, message: RecogniseMessage) -> JsonObject:
    match message:
        case Listen():
            if not message.language.lower().startswith("en"):
                raise InvalidInputError("The offline recogniser hears English only; choose en-US.")
            skipped = listener.listen(message.phrases)
            return {"type": "listening", "skipped": [phrase[:_TOLD_CHARACTERS] for phrase in skipped]}
        case Finish():
            heard = listener.finish()
            return {"type": "final", "text": heard.text, "score": heard.score}
        case _:
            assert_never(message)
