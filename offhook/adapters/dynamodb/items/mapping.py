"""How our dataclasses lie in items: an attribute for each field, by the field's name, of a form that its type decides.

So a new field of a model is stored without a word here. What lies otherwise is declared once, by its item's class: another name
or form, and what a condition or a change must name. None is not stored; what is not stored is the field's default, or None.
"""

import json
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, ClassVar, TypeVar, get_args

from pynamodb.attributes import (
    Attribute,
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.constants import LIST, MAP
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from offhook.adapters.dynamodb.items.database import Item
from offhook.errors import NotFoundError
from offhook.json_types import JsonObject

ModelT = TypeVar("ModelT")
EnumT = TypeVar("EnumT", bound=StrEnum)


class ModelItem(Item):
    """An item that holds a value of `MODEL`, but for the fields that are `LEFT_OUT`."""

    MODEL: ClassVar[type]
    LEFT_OUT: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for each in stored_fields(cls.MODEL, cls.LEFT_OUT):
            if not isinstance(getattr(cls, each.name, None), Attribute):
                attribute = attribute_of(each.type)
                attribute.attr_name = each.name
                setattr(cls, each.name, attribute)


class DocumentAttribute(JSONAttribute):
    """A JSON text, so that every number and null comes back as it was; as short as JSON can be."""

    def serialize(self, value: Any) -> str:
        """Write the document: an item has 400 KB, and escapes would treble some alphabets."""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class TextsAttribute(JSONAttribute):
    """Texts in their order."""

    def deserialize(self, value: str) -> tuple[str, ...]:
        return tuple(json.loads(value))


class ChoiceAttribute(Attribute[EnumT]):
    """One of a closed set, by its text."""

    attr_type = UnicodeAttribute.attr_type

    def __init__(self, choices: type[EnumT], *, null: bool = False) -> None:
        super().__init__(null=null)
        self._choices = choices

    def deserialize(self, value: str) -> EnumT:
        return self._choices(value)


class WrittenAttribute(Attribute[ModelT]):
    """A value as a text, by what writes it and what reads it."""

    attr_type = UnicodeAttribute.attr_type

    def __init__(
        self, write: Callable[[ModelT], str], read: Callable[[str], ModelT], *, null: bool = False
    ) -> None:
        super().__init__(null=null)
        self._write, self._read = write, read

    def serialize(self, value: ModelT) -> str:
        return self._write(value)

    def deserialize(self, value: str) -> ModelT:
        return self._read(value)


class ValueAttribute(Attribute[ModelT]):
    """A value of a dataclass as a map: a part for each field, but for those left out."""

    attr_type = MAP

    def __init__(self, model: type[ModelT], *, left_out: tuple[str, ...] = (), null: bool = False) -> None:
        super().__init__(null=null)
        self._model = model
        self._parts = {each.name: attribute_of(each.type) for each in stored_fields(model, left_out)}

    def part(self, name: str) -> Any:
        """Return the attribute of one field, for expressions."""
        part = copy(self._parts[name])
        part.attr_path = [*self.attr_path, name]
        return part

    def serialize(self, value: ModelT) -> dict[str, Any]:
        return {
            name: {part.attr_type: part.serialize(field_value)}
            for name, part in self._parts.items()
            if (field_value := getattr(value, name)) is not None
        }

    def deserialize(self, value: dict[str, dict[str, Any]]) -> ModelT:
        """Read the value; what is left out is as it is by default."""
        found = {
            name: part.deserialize(part.get_value(value[name]))
            for name, part in self._parts.items()
            if name in value
        }
        return _make(self._model, found)


class ValuesAttribute(Attribute[tuple[ModelT, ...]]):
    """Values of a dataclass as a list of maps."""

    attr_type = LIST

    def __init__(self, model: type[ModelT]) -> None:
        super().__init__(null=True)
        self._each = ValueAttribute(model)

    def element(self, number: int) -> ValueAttribute[ModelT]:
        """Return the attribute of one value, for expressions."""
        element = copy(self._each)
        *above, name = self.attr_path
        element.attr_path = [*above, f"{name}[{number}]"]
        return element

    def serialize(self, value: tuple[ModelT, ...]) -> list[dict[str, Any]]:
        return [{MAP: self._each.serialize(each)} for each in value]

    def deserialize(self, value: list[dict[str, Any]]) -> tuple[ModelT, ...]:
        return tuple(self._each.deserialize(each[MAP]) for each in value)


def attribute_of(hint: Any) -> Attribute[Any]:
    """Return the attribute for a field of this type; raise TypeError for one that must be declared."""
    kinds = [
        kind for kind in (get_args(hint) if isinstance(hint, UnionType) else (hint,)) if kind is not NoneType
    ]
    null = isinstance(hint, UnionType)
    match kinds:
        case [kind] if kind in _PLAIN:
            return _PLAIN[kind](null=null)
        case [type() as kind] if is_dataclass(kind):
            return ValueAttribute(kind, null=null)
        case [type() as kind] if issubclass(kind, StrEnum):
            return ChoiceAttribute(kind, null=null)
    raise TypeError(f"Say in the item's class how a field of the type {hint} is stored.")


def attributes(item_class: type[ModelItem], value: Any) -> dict[str, Any]:
    """Return what an item of this class holds of a value, by attribute."""
    return {
        each.name: getattr(value, each.name) for each in stored_fields(item_class.MODEL, item_class.LEFT_OUT)
    }


def to_model(model: type[ModelT], item: ModelItem, **left_out: Any) -> ModelT:
    """Read the value of an item; the fields that are left out of it are given here."""
    found = {each.name: getattr(item, each.name) for each in stored_fields(model, item.LEFT_OUT)}
    return _make(model, {name: value for name, value in found.items() if value is not None} | left_out)


def found(model: type[ModelT], item: ModelItem | None, sentence: str) -> ModelT:
    """Read the value of an item; raise NotFoundError with this sentence where there is none."""
    if item is None:
        raise NotFoundError(sentence)
    return to_model(model, item)


def changes(item_class: type[Item], values: Mapping[str, Any]) -> list[Action]:
    """Return what makes these the values of attributes; one that is None is removed."""
    return [change(getattr(item_class, name), value) for name, value in values.items()]


def change(attribute: Attribute[Any], value: Any) -> Action:
    """Return what makes this the value of an attribute; None removes it."""
    if value is None:
        return attribute.remove()
    # Written here: PynamoDB takes a document such as {"S": "large"} for one that is written already.
    return Path(attribute).set({attribute.attr_type: attribute.serialize(value)})


def stored_fields(model: Any, left_out: tuple[str, ...] = ()) -> list[Field[Any]]:
    """Return the fields of a dataclass but for those left out."""
    return [each for each in fields(model) if each.name not in left_out]


def _make(model: type[ModelT], found: Mapping[str, Any]) -> ModelT:
    missing = {
        each.name: None
        for each in stored_fields(model, tuple(found))
        if each.default is MISSING and each.default_factory is MISSING
    }
    return model(**missing, **found)


_PLAIN: dict[Any, type[Attribute[Any]]] = {
    str: UnicodeAttribute,
    int: NumberAttribute,
    float: NumberAttribute,
    bool: BooleanAttribute,
    datetime: UTCDateTimeAttribute,
    JsonObject: DocumentAttribute,
}
