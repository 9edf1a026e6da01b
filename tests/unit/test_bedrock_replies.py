"""Replies of ConverseStream that no model should send, and some do."""

from typing import Any

from offhook.adapters.bedrock.replies import events_of
from offhook.models.requests import Stopped, StopReason, TextDelta


def test_half_of_a_character_is_neither_said_nor_stored() -> None:
    half: list[dict[str, Any]] = [
        {"contentBlockDelta": {"delta": {"text": "Gr\u00fc\u00df Gott \ud83d."}}},
        {"contentBlockStop": {}},
        {"messageStop": {"stopReason": "end_turn"}},
    ]
    assert list(events_of(half)) == [
        TextDelta(text="Gr\u00fc\u00df Gott ?."),
        Stopped(reason=StopReason.END_TURN),
    ]
