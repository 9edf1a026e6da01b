"""Lists by offset: which part is shown, how far is counted, and in which order."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from functions.http.errors import on_offhook_error
from functions.http.listing import MAX_COUNT, SortKey, SortKeys, Window, sort_by, sorting
from offhook.errors import OffhookError


class Counted:
    """A list that notes how much of it was read."""

    def __init__(self, length: int) -> None:
        self.length, self.read = length, 0

    def __iter__(self) -> Iterator[int]:
        for thing in range(self.length):
            self.read += 1
            yield thing


def test_a_part_is_what_lies_between_offset_and_limit() -> None:
    assert Window(limit=3, offset=4).cut(range(6)) == (6, [4, 5])
    assert Window(limit=3, offset=9).cut(range(6)) == (6, [])


@pytest.mark.parametrize(("offset", "read"), [(0, 1_000), (990, 1_040), (1_000, 1_050)])
def test_the_count_saturates_and_nothing_is_read_beyond_count_and_part(offset: int, read: int) -> None:
    things = Counted(5_000)
    count, part = Window(limit=50, offset=offset).cut(things)
    assert (count, things.read) == (MAX_COUNT, read)
    assert part == list(range(offset, offset + 50))


def test_the_first_key_decides_and_the_next_where_it_does_not() -> None:
    things = ["bb", "a", "c", "aa"]
    fields: dict[str, Callable[[str], Any]] = {"length": len, "text": str}
    keys = [SortKey(field="length", is_descending=True), SortKey(field="text", is_descending=False)]
    assert sort_by(things, keys, fields) == ["aa", "bb", "a", "c"]


@pytest.fixture(scope="module")
def client() -> TestClient:
    app = FastAPI(exception_handlers={OffhookError: on_offhook_error})

    @app.get("/")
    def read(sort: Annotated[SortKeys, sorting("name", "createdAt", default="-createdAt")]) -> list[str]:
        return [f"{key.field} {key.is_descending}" for key in sort]

    return TestClient(app)


@pytest.mark.parametrize(
    ("sort", "read"),
    [
        (None, ["createdAt True"]),
        ("name", ["name False"]),
        ("-name,createdAt", ["name True", "createdAt False"]),
        ("name, -createdAt", ["name False", "createdAt True"]),
    ],
)
def test_sort_names_fields_and_what_descends(client: TestClient, sort: str | None, read: list[str]) -> None:
    assert client.get("/", params={"sort": sort} if sort else {}).json() == read


@pytest.mark.parametrize("sort", ["secret", "name,", "--name", "name,-name", "Name", ",", "-"])
def test_a_field_that_is_not_among_them_is_refused_with_those_that_are(client: TestClient, sort: str) -> None:
    reply = client.get("/", params={"sort": sort})
    assert reply.status_code == 422
    assert reply.json()["errors"] == [
        {
            "loc": ["query", "sort"],
            "msg": "Sort by each of name, createdAt once at most, with - before it for descending.",
        }
    ]
