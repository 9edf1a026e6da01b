"""What a run's agent is told at the start."""

from offhook.json_types import JsonObject
from offhook.runs.context import stamped


def test_nobodys_word_stands_in_for_what_the_system_says() -> None:
    given: JsonObject = {"name": "Ada", "api_key_id": {"x": 1}, "direction": "inbound", "provider": "theirs"}
    assert stamped(given, {"provider": "ours", "called_number": None}) == {"name": "Ada", "provider": "ours"}
