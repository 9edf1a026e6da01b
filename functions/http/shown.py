"""What the documents that we show have in common: they take over what a thing is, and lists of them come page by page."""

from typing import Any, Generic, TypeVar, cast, get_args

from pydantic import BaseModel, ConfigDict

DocumentT = TypeVar("DocumentT", bound=BaseModel)


class Shown(BaseModel):
    """The public form of a thing: `model_validate(thing)` takes over its attributes of the same names."""

    model_config = ConfigDict(from_attributes=True)


def _with_example(schema: dict[str, Any], page: type["Page[Any]"]) -> None:
    """Show a page of what is the item's own example."""
    extra: Any = page.item().model_config["json_schema_extra"]
    schema["examples"] = [{"items": extra["examples"], "next_cursor": None}]


class Page(BaseModel, Generic[DocumentT]):
    """A page of a list; `next_cursor` leads to the next one, and is null on the last."""

    model_config = ConfigDict(json_schema_extra=_with_example)

    items: list[DocumentT]
    next_cursor: str | None

    @classmethod
    def item(cls) -> type[DocumentT]:
        """Return what it is a list of."""
        (item,) = get_args(cls.model_fields["items"].annotation)
        return cast("type[DocumentT]", item)
