"""What the documents that we show have in common: they take over what a thing is, and lists of them come page by page."""

from typing import Any, Generic, TypeVar, cast, get_args

from pydantic import BaseModel, ConfigDict

DocumentT = TypeVar("DocumentT", bound=BaseModel)


class Shown(BaseModel):
    """The public form of a thing: `model_validate(thing)` takes over its attributes of the same names."""

    model_config = ConfigDict(from_attributes=True)


def item_of(page: type[BaseModel]) -> type[BaseModel]:
    """Return what the `items` of a page are."""
    (item,) = get_args(page.model_fields["items"].annotation)
    return cast("type[BaseModel]", item)


def examples_of(page: type[BaseModel]) -> Any:
    """Return the item's own examples, to show a page of."""
    extra: Any = item_of(page).model_config["json_schema_extra"]
    return extra["examples"]


def _with_example(schema: dict[str, Any], page: type[BaseModel]) -> None:
    schema["examples"] = [{"items": examples_of(page), "next_cursor": None}]


class Page(BaseModel, Generic[DocumentT]):
    """A page of a list; `next_cursor` leads to the next one, and is null on the last."""

    model_config = ConfigDict(json_schema_extra=_with_example)

    items: list[DocumentT]
    next_cursor: str | None
