"""What a run's agent is told at the start: what others give, and what the system itself says."""

from collections.abc import Mapping

from offhook.json_types import JsonObject, JsonValue


def stamped(given: Mapping[str, JsonValue], stamps: Mapping[str, JsonValue]) -> JsonObject:
    """Return the initial context of what somebody gives and what the system says, whose names nobody else can use.

    A stamp that is None is not known, and then nobody's word stands in for it.
    """
    own = {name: value for name, value in given.items() if name not in stamps}
    return {**own, **{name: value for name, value in stamps.items() if value is not None}}
