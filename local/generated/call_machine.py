"""Prints docs/call-machine.md, made from the call machine's table: `python -m local.generated.call_machine`."""

import inspect
from collections.abc import Callable, Iterable, Iterator

from streamer.call.floor import Floor
from streamer.call.table import TABLE, nothing

_HEAD = """\
# The call machine

Made from `streamer/call/table.py` by `make generate`; `make check` fails when the two differ.

A call is always on one floor. Whatever happens to it is one event, and the table says which action the event causes on
that floor; a dot is nothing. An action changes the course of the call (`streamer/call/course/course.py`), its floor too, and
gives commands to the conductor (`streamer/call/commands.py`).
"""

# Nothing happens on these.
_OUTSIDE = (Floor.NEW, Floor.ENDED)


def call_machine() -> str:
    """Return the whole document."""
    floors = [floor for floor in Floor if floor not in _OUTSIDE]
    actions = dict.fromkeys(row[floor] for row in TABLE.values() for floor in floors)
    del actions[nothing]
    alike = [event for event in TABLE if len({TABLE[event][floor] for floor in floors}) == 1]
    parts = (
        _HEAD,
        _table(("event", *floors), (_row(event, floors) for event in TABLE if event not in alike)),
        "On all of these floors alike:\n",
        _table(("event", "action"), (_row(event, floors[:1]) for event in alike)),
        "## Floors\n",
        _table(("floor", "meaning"), ((f"`{floor}`", floor.meaning) for floor in Floor)),
        "## Events\n",
        _table(("event", "meaning"), (_meaning(event) for event in TABLE)),
        "## Actions\n",
        _table(("action", "what it does"), (_meaning(action) for action in actions)),
    )
    return "\n".join(parts)


def _row(event: type[object], floors: list[Floor]) -> Iterator[str]:
    yield f"`{event.__name__}`"
    for floor in floors:
        action = TABLE[event][floor]
        yield "·" if action is nothing else f"`{action.__name__}`"


def _meaning(named: Callable[..., object]) -> tuple[str, str]:
    sentence, _, _ = (inspect.getdoc(named) or "").partition("\n")
    return f"`{named.__name__}`", sentence


def _table(head: tuple[str, ...], rows: Iterable[Iterable[str]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


if __name__ == "__main__":
    print(call_machine(), end="")
