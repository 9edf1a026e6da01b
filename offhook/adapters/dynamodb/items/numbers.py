"""Items that hold numbers by names which no class can declare, such as those of dispositions: written by adding, read as DynamoDB sent them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Self
from urllib.parse import unquote

from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from offhook.adapters.dynamodb.items.database import Item


class NumbersItem(Item):
    """Numbers by name, beside what every item has."""

    stored: Mapping[str, dict[str, Any]] = MappingProxyType({})

    @classmethod
    def from_raw_data(cls, data: dict[str, Any]) -> Self:
        """Make an item of what a read gave."""
        item = super().from_raw_data(data)
        item.stored = data
        return item

    @classmethod
    def adding(cls, amounts: Mapping[str, int]) -> list[Action]:
        """Return what adds to numbers, and makes the item where there is none."""
        added = [Path([_attribute(name)]).add(amount) for name, amount in amounts.items() if amount]
        return [cls.of_kind(), *added]

    def amount(self, name: str) -> int:
        """Return one number, 0 where there is none."""
        return int(self.stored.get(_attribute(name), {}).get("N", 0))

    @property
    def amounts(self) -> dict[str, int]:
        """All of them."""
        return {
            unquote(name): int(value["N"])
            for name, value in self.stored.items()
            if "N" in value and name != "ttl"
        }


def _attribute(name: str) -> str:
    # PynamoDB takes brackets for a place in a list.
    return name.replace("%", "%25").replace("[", "%5B").replace("]", "%5D")
