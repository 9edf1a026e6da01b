"""Templates: `{{path.to.value}}` and `{{path | fallback}}` in what an agent says. No code is ever evaluated."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from offhook.clock import Clock
from offhook.json_types import JsonObject, JsonValue

MAX_VALUES_CHARACTERS = 100_000
"""What one template takes of its values at most: a document full of placeholders would make gigabytes of a context."""

MAX_PLACEHOLDERS = 200
"""Different placeholders that one text fills in at most; those beyond say nothing."""

# One unambiguous repetition, so that a template which never closes its braces costs linear time.
PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
# IANA's names have three parts at most, each of up to 14 letters (https://data.iana.org/time-zones/theory.html).
_ZONE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9+_-]{0,31}(?:/[A-Za-z0-9+_-]{1,32}){0,2}", re.ASCII)
NO_TIME_ZONE = "There is no time zone of this name; write one such as Europe/Madrid."
"""What whoever has written another name is told."""

_BUILT_IN = ("current_time", "current_weekday")


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateContext:
    """What templates can reach; `system` holds caller_number, called_number and workflow_run_id, and after the call more."""

    clock: Clock
    initial: JsonObject = field(default_factory=dict)
    gathered: JsonObject = field(default_factory=dict)
    system: JsonObject = field(default_factory=dict)


def render(template: str, context: TemplateContext) -> str:
    """Fill in a template; a missing, null or empty value gives the fallback, or nothing."""
    return _Filling(context).text(template)


def render_document(template: JsonObject, context: TemplateContext) -> JsonObject:
    """Fill in every text of a JSON object; one that is a placeholder and nothing else becomes the value, whatever its type."""
    filling = _Filling(context)
    return {name: filling.value(value) for name, value in template.items()}


class _Filling:
    """Fills in all texts of one document, within one bound."""

    def __init__(self, context: TemplateContext) -> None:
        self._context = context
        self._room = MAX_VALUES_CHARACTERS
        self._known: dict[str, tuple[JsonValue, str]] = {}

    def text(self, template: str) -> str:
        # Dograh's editor keeps a line break as these two characters; nobody wants to hear them.
        return PLACEHOLDER.sub(self._text_of, template.replace("\\n", "\n"))

    def value(self, template: JsonValue) -> JsonValue:
        match template:
            case dict():
                return {name: self.value(value) for name, value in template.items()}
            case list():
                return [self.value(each) for each in template]
            case str():
                whole = PLACEHOLDER.fullmatch(template.strip())
                return self.text(template) if whole is None else self._value_of(whole)
            case _:
                return template

    def _text_of(self, found: re.Match[str]) -> str:
        text = self._look_up(found[1])[1][: self._room]
        self._room -= len(text)
        return text

    def _value_of(self, found: re.Match[str]) -> JsonValue:
        value, text = self._look_up(found[1])
        if len(text) > self._room:
            return self._text_of(found)
        self._room -= len(text)
        return value

    def _look_up(self, placeholder: str) -> tuple[JsonValue, str]:
        if placeholder not in self._known:
            has_room = len(self._known) < MAX_PLACEHOLDERS
            value = _value(placeholder, self._context) if has_room else ""
            self._known[placeholder] = value, _as_text(value)
        return self._known[placeholder]


def _value(placeholder: str, context: TemplateContext) -> JsonValue:
    path, _, fallback = (part.strip() for part in placeholder.partition("|"))
    value = _look_up(path, context)
    return _fallback(path, fallback) if value is None or value == "" else value


def _fallback(path: str, text: str) -> str:
    # Dograh's older spelling: `| fallback:text`, and without a text the name of what is missing.
    if text in ("fallback", "fallback:"):
        return path.replace("_", " ").replace(".", " ").title()
    return text.removeprefix("fallback:").strip()


def _look_up(path: str, context: TemplateContext) -> JsonValue:
    built_in = _built_in(path, context)
    if built_in is not None:
        return built_in
    if path.startswith("gathered_context."):
        return _walk(context.gathered, path.removeprefix("gathered_context."))
    # An explicit object called initial_context wins over the flat context, as clients of both spellings expect.
    nested = context.initial.get("initial_context")
    if path.startswith("initial_context."):
        inner = path.removeprefix("initial_context.")
        found = _walk(nested, inner) if isinstance(nested, dict) else None
        return found if found is not None else _walk(context.initial, inner)
    return _walk(context.initial, path)


def _built_in(path: str, context: TemplateContext) -> JsonValue:
    for kind in _BUILT_IN:
        if path == kind or path.startswith(f"{kind}_"):
            return _time(kind, path[len(kind) + 1 :] or "UTC", context.clock())
    return _walk(context.system, path)


def _walk(value: "JsonValue | Mapping[str, JsonValue]", path: str) -> JsonValue:
    for step in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value  # type: ignore[return-value]


def _time(kind: str, zone_name: str, now: datetime) -> str | None:
    zone = zone_of(zone_name)
    if zone is None:
        return None
    local = now.astimezone(zone)
    return local.strftime("%A") if kind == "current_weekday" else local.strftime("%Y-%m-%d %H:%M")


def checked_time_zone(name: str) -> str:
    """Return the name; raise ValueError, for a form to show, where there is no such zone."""
    if zone_of(name) is None:
        raise ValueError(NO_TIME_ZONE)
    return name


# A name that is none is looked for in files, each time anew.
@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo | None:
    """Return the time zone of this name; None where there is none."""
    if not _ZONE_NAME.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _as_text(value: JsonValue) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
