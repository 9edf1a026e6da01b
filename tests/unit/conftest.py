"""What all unit tests have in common."""

from asyncio import AbstractEventLoop
from collections.abc import Callable, Mapping

import pytest

from tests.support.leaping_time import LeapingLoop


def pytest_itemcollected(item: pytest.Item) -> None:
    """Have each of them run on every Python: together they take seconds."""
    item.add_marker(pytest.mark.every_python)


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], AbstractEventLoop]]:
    """Have none of them wait."""
    return {"leaping": LeapingLoop}
