"""How values of dataclasses become attributes of DynamoDB."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

import pytest

from offhook.adapters.dynamodb.items.database import Database
from offhook.adapters.dynamodb.items.mapping import (
    ModelItem,
    ValueAttribute,
    attribute_of,
    attributes,
    to_model,
)
from offhook.adapters.dynamodb.tables import CONFIG_TABLE
from offhook.json_types import JsonObject
from offhook.settings import Settings


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    spokes: int
    made_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bicycle:
    name: str
    colour: Colour
    bought_at: datetime | None
    is_fast: bool = False
    papers: JsonObject = field(default_factory=dict)
    front: Wheel | None = None
    gears: int = 3


class BicycleItem(ModelItem):
    TABLE = CONFIG_TABLE
    KIND = "bicycle"
    MODEL = Bicycle
    LEFT_OUT = ("gears",)


WHOLE = Bicycle(
    name="",
    colour=Colour.RED,
    bought_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
    is_fast=True,
    papers={"S": 1.0},
    front=Wheel(spokes=36),
)
BARE = Bicycle(name="b", colour=Colour.RED, bought_at=None)


@pytest.mark.parametrize("bicycle", [WHOLE, BARE])
def test_a_value_comes_back_as_it_was_without_any_of_its_fields_named(bicycle: Bicycle) -> None:
    alone: ValueAttribute[Bicycle] = ValueAttribute(Bicycle)
    assert alone.deserialize(alone.serialize(bicycle)) == bicycle
    items = Database(Settings()).items(BicycleItem)
    stored = items.new("pk", "sk", **attributes(BicycleItem, bicycle)).serialize()
    read = to_model(Bicycle, items.item_class.from_raw_data(stored), gears=3)
    assert read == bicycle
    assert "gears" not in stored


def test_what_a_value_does_not_have_is_not_stored() -> None:
    alone: ValueAttribute[Bicycle] = ValueAttribute(Bicycle)
    assert alone.serialize(BARE).keys() == {"name", "colour", "is_fast", "papers", "gears"}


def test_what_was_stored_before_a_field_was_made_is_read_with_its_default() -> None:
    alone: ValueAttribute[Bicycle] = ValueAttribute(Bicycle)
    assert alone.deserialize({"name": {"S": "b"}, "colour": {"S": "red"}}) == BARE


def test_a_type_that_nobody_has_said_how_to_store_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="Say in the item's class"):
        attribute_of(complex)
