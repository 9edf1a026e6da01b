"""What clients may send on the session socket: `{"type":"inject","id":"q1","data":{"text":"…"}}`; the `id` is theirs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self, TypeAlias, get_args

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, ValidationError, model_validator

from offhook.errors import InvalidInputError
from offhook.sessions.commands import MOST_CHARACTERS, MOST_DIGITS
from offhook.sessions.frames import VERSION, AudioEncoding
from offhook.sessions.transfer_fields import TransferFields

MAX_ID_CHARACTERS = 64

RequestId: TypeAlias = Annotated[str, Field(max_length=MAX_ID_CHARACTERS)]


class FrameRefusedError(InvalidInputError):
    """A frame can't be followed; `request_id` is its `id`, as far as that could be read."""

    code = "invalid-frame"

    def __init__(self, detail: str, *, request_id: str | None = None, code: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.request_id = request_id


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AskedFormat(_Data):
    """How audio is to be written: mu-law at 8000 samples a second, or linear at 16,000."""

    encoding: AudioEncoding = Field(
        default=AudioEncoding.MULAW, description="`audio/pcm` is linear, 16 bits a sample, little-endian."
    )
    rate: int = Field(default=0, description="Samples a second; left out, that of the encoding.")

    @model_validator(mode="after")
    def _check_rate(self) -> Self:
        if self.rate not in (0, self.encoding.rate_hz):
            raise ValueError(f"{self.encoding} is taken at {self.encoding.rate_hz} samples a second only.")
        return self


class StartFrame(_Data):
    """Be the caller of a web session, in the place of whoever is: audio goes both ways from now on."""

    type: ClassVar = "start"

    audio_in: AskedFormat = Field(default=AskedFormat(), description="How this client writes its audio.")
    audio_out: AskedFormat = Field(default=AskedFormat(), description="How it wants the agent's.")
    client: dict[str, str] = Field(default={}, description="Who the client is; nothing is done with it.")


class AudioSentFrame(_Data):
    """The caller's audio, where binary messages can't be sent."""

    type: ClassVar = "audio"

    payload: Base64Bytes = Field(description="The audio in base64, in the format that `ready` names.")


class InjectFrame(_Data):
    """Put a text into the call.

    `assistant`: the agent says it word for word after its present sentence. `user`: it counts as said by the caller.
    `system`: the language model is shown it from its next reply on.
    """

    type: ClassVar = "inject"

    text: str = Field(min_length=1, max_length=MOST_CHARACTERS, description="The words.")
    role: Literal["system", "user", "assistant"] = Field(default="system", description="As whose they count.")
    interrupt: bool = Field(
        default=False, description="Whether the agent's present sentence is cut off for it."
    )


class InterruptFrame(_Data):
    """Have the agent stop talking."""

    type: ClassVar = "interrupt"


class DtmfFrame(_Data):
    """Press keys, as the caller would."""

    type: ClassVar = "dtmf"

    digits: str = Field(
        pattern=rf"^[0-9*#A-Da-d]{{1,{MOST_DIGITS}}}$",
        description=f"1 to {MOST_DIGITS} keys: 0 to 9, *, # and A to D.",
    )


class SteerFrame(_Data):
    """Change how the agent goes on; what is left out stays as it is."""

    type: ClassVar = "steer"

    instructions: str | None = Field(
        default=None,
        max_length=MOST_CHARACTERS,
        description="What the language model is told from its next reply on; empty ends that.",
    )
    voice: str | None = Field(
        default=None,
        max_length=64,
        description="Refused so far: the voice stays as the agent's settings say.",
    )
    temperature: float | None = Field(default=None, ge=0, le=2, description="Refused so far, likewise.")
    mute: bool | None = Field(default=None, description="Whether the agent is to keep silent.")

    @model_validator(mode="after")
    def _check_that_something_changes(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("Name what is to change: instructions, voice, temperature or mute.")
        return self


class TransferFrame(TransferFields, _Data):
    """Put the caller through to somebody else; how far that is, and whether it failed, the events `transfer` tell.

    The agent says no more after its present sentence, and goes on with the caller where nobody could be reached.
    """

    type: ClassVar = "transfer"


class PlayedFrame(_Data):
    """The audio before a `mark` was played, or was cleared."""

    type: ClassVar = "played"

    name: str = Field(max_length=MAX_ID_CHARACTERS, description="The mark's name.")


class PingFrame(_Data):
    """Have a `pong` sent."""

    type: ClassVar = "ping"


class EndFrame(_Data):
    """End the session, and its call."""

    type: ClassVar = "end"


ClientFrame: TypeAlias = (
    StartFrame
    | AudioSentFrame
    | InjectFrame
    | InterruptFrame
    | DtmfFrame
    | SteerFrame
    | TransferFrame
    | PlayedFrame
    | PingFrame
    | EndFrame
)

CLIENT_FRAMES: Mapping[str, type[ClientFrame]] = {kind.type: kind for kind in get_args(ClientFrame)}


class _Envelope(BaseModel):
    v: int = VERSION
    type: str
    id: RequestId | None = None
    data: dict[str, Any] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A frame of a client, read; `id` is what its answer names."""

    id: str | None
    frame: ClientFrame


def read_client_frame(text: str | bytes) -> Request:
    """Read a text message; raise FrameRefusedError. `v` may be left out, what is unknown beside `data` is passed over."""
    try:
        envelope = _Envelope.model_validate_json(text)
    except ValidationError as error:
        raise FrameRefusedError(_sentence(error)) from None
    kind = CLIENT_FRAMES.get(envelope.type)
    if kind is None or envelope.v != VERSION:
        raise FrameRefusedError(_unknown(envelope), request_id=envelope.id, code="unknown-frame")
    try:
        return Request(id=envelope.id, frame=kind.model_validate(envelope.data))
    except ValidationError as error:
        raise FrameRefusedError(_sentence(error, "data"), request_id=envelope.id) from None


def _unknown(envelope: _Envelope) -> str:
    if envelope.v != VERSION:
        return f"This is not version {VERSION} of the frames: leave v out, or set it to {VERSION}."
    return f"There is no such type of frame: send one of {', '.join(CLIENT_FRAMES)}."


def _sentence(error: ValidationError, *path: str) -> str:
    # The first problem; what was sent stays out of it.
    problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(map(str, (*path, *problem["loc"])))
    return f"{place}: {problem['msg']}" if place else problem["msg"]
