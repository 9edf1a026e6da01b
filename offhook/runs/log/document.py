"""The public form of an event: what the API answers, and the schema that its document gives of each kind."""

from typing import Annotated, Any, Literal, Union, cast

from pydantic import BaseModel, Field, GetJsonSchemaHandler, TypeAdapter, create_model
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from offhook.instants import Instant
from offhook.json_types import JsonObject
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import KINDS, KnownEvent

EXAMPLE_EVENT: JsonObject = {
    "seq": 7,
    "at": "2026-11-20T10:00:09.480Z",
    "type": "transcript",
    "data": {
        "segment_id": "c1",
        "speaker": "caller",
        "text": "Yes, Monday is fine.",
        "start_ms": 2360,
        "end_ms": 3620,
        "turn": 1,
        "node_id": "greet",
    },
}


class _Head(BaseModel):
    seq: int = Field(description="The event's place in its run, without gaps.")
    at: Instant


class EventDocument(_Head):
    """One event of a run's log. What a newer release has added to its data is there too."""

    type: str
    data: dict[str, Any]

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe an event as one of those that this release knows, or as another one."""
        entries: Any = Union[tuple(map(_entry, KINDS.values()))]  # noqa: UP007
        known: Any = Annotated[entries, Field(discriminator="type")]
        schema, other = handler(TypeAdapter(known | OtherEntry).core_schema)["anyOf"]
        schema["oneOf"].append(other)
        schema.update(description=cls.__doc__, examples=[EXAMPLE_EVENT])
        return cast("JsonSchemaValue", schema)


class OtherEntry(_Head):
    """An event of a kind that this release does not know; readers pass over it."""

    type: str = Field(json_schema_extra={"not": {"enum": list(KINDS)}})
    data: dict[str, Any] = Field(description="What its kind has to say.")


def event_document(entry: LogEntry) -> EventDocument:
    """Show an event, with all that is stored of it."""
    return EventDocument(seq=entry.seq, at=entry.at, type=entry.event.type, data=entry.data)


def _entry(kind: type[KnownEvent]) -> type[BaseModel]:
    return create_model(
        kind.__name__.replace("Event", "Entry"),
        __base__=_Head,
        __doc__=kind.__doc__,
        type=(_only(kind.type), ...),
        data=(kind, ...),
    )


def _only(word: str) -> Any:
    return Literal[word]
