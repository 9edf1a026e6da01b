"""Prints docs/session-frames.md, made from the frames' models: `python -m local.generated.session_frames`."""

from collections.abc import Iterable, Iterator
from typing import Any

from local.generated.frame_schemas import SCHEMAS, FrameSchema, frame_schemas
from offhook.sessions.commands import MOST_CHARACTERS
from offhook.sessions.frames import PROTOCOL
from offhook.sessions.tokens import LIFE
from offhook.settings import Settings
from streamer.sessions.feeds import MOST_OF_ORGANIZATION, MOST_VISITORS
from streamer.sessions.gate import PING_INTERVAL_S
from streamer.sessions.session_client import LAG_CLOSE_S, MAX_LAG_BYTES, WATCHER_BYTES_PER_SECOND
from streamer.sockets.guests import MOST_GUESTS
from streamer.sockets.intake import LEAST_FRAME_BYTES
from streamer.sockets.websocket_frames import MAX_MESSAGE_BYTES

_HEAD = f"""\
# The session socket

Made from the frames' models by `make generate`; `make check` fails when the two differ. The same for tools:
[asyncapi.yaml](asyncapi.yaml).

    wss://…/api/v1/streaming/sessions/{{session_id}}/ws

A session is a run while it lives, by phone or by browser. Any task of the install shows it, whichever has the call.

## Opening

Ask for a token first: `POST /api/v1/streaming-sessions/{{session_id}}/token`. It opens the socket of that one session for
{LIFE.seconds // 60} minutes, as often as the client has to come back; minted with a key that may only read, it allows to
observe. Give it as `Authorization: Bearer` or, as browsers have to, as `ws_token` in the address.

| before the upgrade | why |
|---|---|
| 401 | The token is missing, expired, damaged, or another session's. |
| 404 | There is no such session in the token's organization, or it is over. |
| 429 | Too many sockets are opened at once from where you are. |
| 500 | The session could not be looked up; try again. |

`ready` comes at once and says where the client stands. Then come the frames of the log that follow its cursor: with
`resume_from=42` those after seq 42, with `resume_from=0` all, without it those from now on. Anything but 1 to 19 digits is
ignored. After those come the next ones as they happen, without a gap and none twice, whoever has the call and whoever
takes it over. Come back with the seq of the last frame that you have.

## Listening in

Open the socket with `audio=binary` or `audio=json`, and send no `start`: both voices come as they are heard, ten times a
second, in mu-law at 8000 samples a second. A binary message holds both, sample by sample: the first byte is the caller's,
the second the agent's, and so on. With `json` there are two `audio` frames, the caller's with `track`. `ready` says
whether audio comes (`live`, `audio_out`), and comes again when that changes: a call that another task has may not be
heard from this one. Frames with a `seq` come in any case.

## Frames

A text message is a frame (`{PROTOCOL}`):

    {{"v":1,"type":"transcript","seq":"42","ts":"2026-11-20T10:00:09.480Z","session_id":"sess_7823","data":{{…}}}}

A frame with a `seq` is an event of the run's log and never changes: sent again, it is the same text, byte for byte. Types
that you do not know are those of a newer release: pass over them. A frame without a `seq` goes beside the log and is not
sent again. `error` and `end` exist in both: with a `seq` the run has met an error, or its call has ended; without, a frame
of yours was not followed, or the session is over and there was no call to end. A binary message is audio.

What you send needs a `type`, and `data` where it has any; `v` may be left out, and an `id` is repeated as `request_id` in
the answer. What may not be sent is answered by `error`, and the socket stays. A message holds {MAX_MESSAGE_BYTES:,} bytes at
most, a text {MOST_CHARACTERS:,} characters. Until you are the caller, {WATCHER_BYTES_PER_SECOND // LEAST_FRAME_BYTES} frames
a second are taken of you, and the rest wait.

## Talking

Whoever sends `start` on the socket of a web session is its caller; the line of a phone call stays the carrier's. `ready`
comes again with the formats, then the agent's audio: binary messages, a little ahead of the moment at which each is
needed, or `audio` frames for those who opened the socket with `audio=json`. Send the caller's as it is recorded, silence too, in
messages of a second at most; 20 ms are usual. Mu-law at 8000 Hz is what the call is made of; linear samples at 16,000 Hz
are converted here, and hold no more.

- On `clear`, drop at once what has not been played. The `interrupt` of the log comes later, and says what was heard.
- Answer each `mark` with `played` once what came before it was played or dropped: it tells the call how far you have heard.
- When the socket is lost, come back and send `start`. The call stands still meanwhile and goes on from what had not been
  played; the place is kept for {Settings().session_place_seconds} seconds (`OFFHOOK_SESSION_PLACE_SECONDS`), and after that the caller counts as gone.
- Whoever sends `start` next is the caller from then on, on whichever task, and the former one's socket is closed (1000).

## Closing

A closed socket is no end of the session.

| code | why | what to do |
|---|---|---|
| 1000 | The session is over, and all of its log was sent; or another client is the caller now. | Nothing. |
| 1009 | A message was too large. | Send less at once. |
| 1011 | Something failed here. | Look at the run before you come back. |
| 1012 | The task stops. | Come back at once, with your cursor. |
| 1013 | There are too many sockets here ({MOST_VISITORS} of one session, {MOST_OF_ORGANIZATION} of one organization, {MOST_GUESTS} of one task), or more than {MAX_LAG_BYTES // 1024} KB wait for you to read them: whoever does not read that within {LAG_CLOSE_S:.0f} s is cut off. | Come back after a pause that grows. |

Pings come every {PING_INTERVAL_S:.0f} s; who answers none for 20 s is cut off.
"""

_GROUPS = {
    "client": "What you may send",
    "beside": "What goes beside the log",
    "log": "The events of the log",
}


def session_frames() -> str:
    """Return the whole document."""
    frames = frame_schemas()
    parts = [_HEAD]
    for group, title in _GROUPS.items():
        parts.append(f"## {title}\n")
        parts += [_section(frame) for frame in frames if frame.group == group]
    return "\n".join(parts)


def _section(frame: FrameSchema) -> str:
    lines = [f"### `{frame.type}`", "", frame.summary]
    if rows := list(_rows(frame.schema, frame.definitions)):
        lines += ["", "| field | type | meaning |", "|---|---|---|", *rows]
    return "\n".join(lines) + "\n"


def _rows(schema: dict[str, Any], definitions: dict[str, Any], path: str = "") -> Iterator[str]:
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        may_miss = "" if name in required else ", may be left out"
        meaning = field.get("description", "").replace("|", "\\|")
        yield f"| `{path}{name}` | {_type(field, definitions)}{may_miss} | {meaning} |"
        if (inner := _object(field, definitions)) is not None:
            yield from _rows(inner, definitions, f"{path}{name}.")


def _type(field: dict[str, Any], definitions: dict[str, Any]) -> str:
    if "anyOf" in field:
        types = [_type(each, definitions) for each in field["anyOf"]]
        # Beside words, a text is one that a newer release has added.
        told = ["another" if each == "string" and types[0].startswith("`") else each for each in types]
        return " or ".join(dict.fromkeys(told))
    if "$ref" in field:
        return _type(_resolved(field, definitions), definitions)
    if "enum" in field:
        return _words(field["enum"])
    if "const" in field:
        return _words([field["const"]])
    if field.get("type") == "array":
        return f"list of {_type(field['items'], definitions)}"
    return str(field.get("type", "anything"))


def _words(values: Iterable[Any]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _object(field: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any] | None:
    """Return the object that a field holds, alone, or in a list or beside null."""
    for each in (field, field.get("items", {}), *field.get("anyOf", ())):
        resolved = _resolved(each, definitions)
        if "properties" in resolved:
            return resolved
    return None


def _resolved(field: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    name = field.get("$ref", "").removeprefix(SCHEMAS)
    return definitions[name] if name else field


if __name__ == "__main__":
    print(session_frames(), end="")
