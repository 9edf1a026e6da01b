"""What all unit tests have in common."""

import pytest


def pytest_itemcollected(item: pytest.Item) -> None:
    """Have each of them run on every Python: together they take seconds."""
    item.add_marker(pytest.mark.every_python)
