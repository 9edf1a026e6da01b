"""Tests of a whole table: hundreds of rows that go one way cost more to be handed out, as a test each, than to be checked."""

from collections.abc import Callable, Collection


def each_of(table: Collection[tuple[object, ...]]) -> Callable[[Callable[..., None]], Callable[[], None]]:
    """Make one test of what holds of each row; the row of which it does not is told with the failure."""
    assert table

    def make(check: Callable[..., None]) -> Callable[[], None]:
        def test() -> None:
            for row in table:
                try:
                    check(*row)
                except BaseException as error:
                    error.add_note(f"The row: {row!r:.300}")
                    raise

        return test

    return make
