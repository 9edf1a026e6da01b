"""A request is carried out once for its Idempotency-Key, whatever happens in between."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, ClassVar, cast

import httpx
import pytest
from fastapi import FastAPI, Response
from pydantic import BaseModel, ConfigDict

from functions.http.app import create_app
from functions.http.idempotency.claims import MAX_STORED_BODY_BYTES
from functions.http.idempotency.idempotency import NewThing, some_uuid
from functions.http.idempotency.intent import Intent
from functions.http.pagination import Cursors
from functions.http.routing import Routes, post
from functions.http.secrets import SecretReply
from functions.http.services import HttpServices
from offhook.errors import CarrierError, NotFoundError, OffhookError, StorageError, UnansweredError
from offhook.organizations.idempotency import STALE_AFTER
from offhook.organizations.model import ApiKey, Scope
from offhook.organizations.ports import OrganizationRepository
from tests.support.memory_claims import MemoryClaims

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
THING = {"name": "one"}


class NewThingBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    dedupe_key: str | None = None


class Thing(SecretReply):
    secret_fields: ClassVar[tuple[str, ...]] = ("token",)

    id: str
    token: str | None
    filler: str


class OneKey:
    """The one key that there is; nobody asks for more of a repository here."""

    def find_key(self, key_hash: str) -> ApiKey:
        return ApiKey(
            id="k",
            organization_id="acme",
            name="tests",
            key_prefix="dg_",
            key_hash=key_hash,
            scopes=frozenset(Scope),
            created_at=START,
            last_used_at=START + timedelta(days=365),
        )


class Things(Routes[HttpServices]):
    tag = "things"

    def __init__(self, services: HttpServices, bench: "Bench") -> None:
        super().__init__(services)
        self._bench = bench

    @post(
        "/things",
        Scope.AGENTS_WRITE,
        status=HTTPStatus.CREATED,
        new_id=some_uuid,
        dedupe_field="dedupe_key",
    )
    def make_thing(self, body: NewThingBody, intent: NewThing, response: Response) -> Thing:
        """Make a thing."""
        response.headers["ETag"] = '"1"'
        return self._bench.make(body, intent)


@dataclass
class Bench:
    """A route that makes things; `act` is what happens in it before it answers."""

    claims: MemoryClaims = field(default_factory=MemoryClaims)
    now: datetime = START
    act: Callable[[Intent], object] = lambda _: None
    intents: list[Intent] = field(default_factory=list)
    filler: str = ""

    def app(self) -> FastAPI:
        services = HttpServices(
            organizations=cast(OrganizationRepository, OneKey()),
            idempotency=self.claims,
            clock=lambda: self.now,
            cursors=Cursors("nobody lists things"),
        )
        return create_app([Things(services, self).router()])

    def make(self, body: NewThingBody, intent: Intent) -> Thing:
        self.intents.append(intent)
        self.act(intent)
        return Thing(id=intent.resource_id, token=f"secret of {body.name}", filler=self.filler)

    async def ask(self, key: str | None = "k1", body: Any = THING) -> httpx.Response:
        headers = {b"X-API-Key": b"dg_x"}
        if key is not None:
            headers[b"Idempotency-Key"] = key.encode("latin-1")
        transport = httpx.ASGITransport(self.app())
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.post("/api/v1/things", json=body, headers=headers)

    def fail_with(self, error: Exception) -> None:
        def fail(_: Intent) -> None:
            raise error

        self.act = fail

    def succeed(self) -> None:
        self.act = lambda _: None


def code(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["code"]


async def test_the_same_request_is_answered_from_the_first_ones_reply() -> None:
    bench = Bench()
    first, again = await bench.ask(), await bench.ask(body={"name": "one"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json()["id"] == first.json()["id"]
    assert again.headers["etag"] == first.headers["etag"] == '"1"'
    assert again.headers["content-type"] == first.headers["content-type"]
    assert (first.headers.get("idempotent-replayed"), again.headers["idempotent-replayed"]) == (None, "true")
    assert len(bench.intents) == 1


async def test_secrets_are_shown_once_and_not_stored() -> None:
    bench = Bench()
    first, again = (await bench.ask()).json(), (await bench.ask()).json()
    assert (first["token"], first["note"]) == ("secret of one", None)
    assert again["token"] is None
    assert "not stored" in again["note"]
    assert "secret of one" not in str(bench.claims.held)


async def test_another_request_under_the_same_key_is_refused() -> None:
    bench = Bench()
    await bench.ask()
    assert code(await bench.ask(body={"name": "two"})) == (409, "idempotency-mismatch")
    assert len(bench.intents) == 1


async def test_without_a_key_each_request_makes_a_thing() -> None:
    bench = Bench()
    assert (await bench.ask(None)).json()["id"] != (await bench.ask(None)).json()["id"]
    assert bench.claims.held == {}


async def test_a_field_of_the_body_may_stand_in_for_the_header() -> None:
    bench = Bench()
    body = {"name": "one", "dedupe_key": "k9"}
    first, again = await bench.ask(None, body), await bench.ask(None, body)
    assert again.json()["id"] == first.json()["id"]
    assert code(await bench.ask(None, {"name": "two", "dedupe_key": "k9"})) == (409, "idempotency-mismatch")


async def test_a_refusal_gives_the_key_back() -> None:
    bench = Bench()
    bench.fail_with(NotFoundError("There is no agent like this."))
    assert code(await bench.ask()) == (404, "not-found")
    assert code(await bench.ask(body={"nome": "one"})) == (422, "invalid-request")
    bench.fail_with(CarrierError("The carrier refused.", retry_after_seconds=3))
    assert (await bench.ask()).status_code == 429
    bench.succeed()
    reply = await bench.ask()
    assert (reply.status_code, bench.intents[-1].is_repeated) == (201, False)


async def test_a_carrier_that_may_have_dialled_is_never_asked_again() -> None:
    bench = Bench()
    bench.fail_with(CarrierError("The carrier failed.", may_have_acted=True))
    first = await bench.ask()
    bench.succeed()
    again = await bench.ask()
    assert code(first) == code(again) == (400, "carrier-refused")
    assert again.headers["content-type"] == "application/problem+json"
    assert again.headers["idempotent-replayed"] == "true"
    assert len(bench.intents) == 1


async def test_a_request_in_flight_is_waited_for_until_it_is_stale() -> None:
    bench = Bench()
    bench.fail_with(RuntimeError("the process died here"))
    assert code(await bench.ask()) == (500, "internal-error")
    bench.succeed()
    waiting = await bench.ask()
    assert code(waiting) == (409, "idempotency-in-progress")
    assert 1 <= int(waiting.headers["retry-after"]) <= STALE_AFTER.total_seconds()
    bench.now += STALE_AFTER
    reply = await bench.ask()
    first, second = bench.intents
    assert (reply.status_code, second.is_repeated) == (201, True)
    assert reply.json()["id"] == first.resource_id == second.resource_id
    assert (await bench.ask()).headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (StorageError("The database did not answer."), HTTPStatus.SERVICE_UNAVAILABLE),
        (UnansweredError("The process that has the call did not answer."), HTTPStatus.GATEWAY_TIMEOUT),
    ],
)
async def test_what_may_have_been_done_is_repeated_under_the_same_id_at_once(
    error: OffhookError, status: HTTPStatus
) -> None:
    bench = Bench()
    bench.fail_with(error)
    assert (await bench.ask()).status_code == status
    bench.succeed()
    reply = await bench.ask()
    first, second = bench.intents
    assert (reply.status_code, second.is_repeated) == (201, True)
    assert second.resource_id == first.resource_id


async def test_a_reply_that_cant_be_stored_goes_out_all_the_same() -> None:
    bench = Bench(claims=MemoryClaims(down_for_replies=True))
    assert (await bench.ask()).status_code == 201
    assert code(await bench.ask()) == (409, "idempotency-in-progress")


async def test_a_reply_too_long_to_be_stored_is_made_again_from_the_thing() -> None:
    bench = Bench(filler="x" * MAX_STORED_BODY_BYTES)
    first, again = await bench.ask(), await bench.ask()
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json()["id"] == first.json()["id"]
    assert [intent.is_repeated for intent in bench.intents] == [False, True]


async def test_a_thing_that_gets_another_id_is_found_under_that_one() -> None:
    bench = Bench()

    def rebind_and_die(intent: Intent) -> None:
        intent.rebind("another")
        raise RuntimeError("the process died here")

    bench.act = rebind_and_die
    await bench.ask()
    bench.succeed()
    bench.now += STALE_AFTER
    assert (await bench.ask()).json()["id"] == "another"


async def test_a_key_is_one_short_printable_text() -> None:
    bench = Bench()
    for key in ("", "x" * 256, "é", "tab\tinside"):
        reply = await bench.ask(key)
        assert code(reply) == (422, "invalid-request"), key
        assert reply.json()["errors"][0]["loc"] == ["header", "Idempotency-Key"]
    for dedupe_key in ("", " ", "x" * 256, "é", 5):
        reply = await bench.ask(None, {"name": "one", "dedupe_key": dedupe_key})
        assert code(reply) == (422, "invalid-request"), dedupe_key
        assert reply.json()["errors"][0]["loc"] == ["body", "dedupe_key"]
    assert (await bench.ask("x" * 255)).status_code == 201


def test_what_an_earlier_try_made_is_looked_for_only_after_one() -> None:
    def never(_: str) -> str:
        raise AssertionError("nobody has tried before")

    def nothing(_: str) -> str:
        raise NotFoundError("There is none.")

    assert Intent(resource_id="a").made_before(never) is None
    assert Intent(resource_id="a", is_repeated=True).made_before(nothing) is None
    assert Intent(resource_id="a", is_repeated=True).made_before(str.upper) == "A"


def test_the_document_tells_of_the_key() -> None:
    operation = Bench().app().openapi()["paths"]["/api/v1/things"]["post"]
    assert [each["name"] for each in operation["parameters"]] == ["Idempotency-Key"]
    assert "409" in operation["responses"]
