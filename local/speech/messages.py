"""The text messages that a client of the speech server sends."""

from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from offhook.workflows.phrases import MAX_PHRASES

_LONGEST_TEXT = 6000


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Listen(_Message):
    """What the caller may say from now on."""

    type: Literal["listen"]
    language: str
    phrases: list[str] = Field(max_length=MAX_PHRASES)


class Finish(_Message):
    """The utterance is over: answer with what it was."""

    type: Literal["finish"]


class Say(_Message):
    """A text to speak."""

    type: Literal["say"] = "say"
    id: str
    text: str = Field(max_length=_LONGEST_TEXT)
    voice: str


RecogniseMessage: TypeAlias = Listen | Finish

RECOGNISE: TypeAdapter[RecogniseMessage] = TypeAdapter(RecogniseMessage)
