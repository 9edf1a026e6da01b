"""What every HTTP function answers alike, whatever happens inside."""

import logging

import httpx
import pytest
from fastapi import APIRouter

from functions.http.app import create_app
from functions.http.errors import STATUS_OF_ERROR
from offhook import errors


async def ask(router: APIRouter) -> httpx.Response:
    transport = httpx.ASGITransport(create_app("Test", [router]), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get("/api/v1/thing", headers={"X-Request-Id": "r-1"})


def failing_with(error: Exception) -> APIRouter:
    router = APIRouter()

    @router.get("/thing")
    async def thing() -> None:
        raise error from ValueError("+14155550123 said something private")

    return router


async def test_an_unexpected_error_is_a_500_that_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        reply = await ask(failing_with(RuntimeError("the token is XI-secret")))
    assert (reply.status_code, reply.json()["code"]) == (500, "internal-error")
    assert reply.headers["x-request-id"] == "r-1"
    (record,) = (record for record in caplog.records if record.name == "offhook.http")
    assert (record.error_type, record.request_id) == ("RuntimeError", "r-1")  # type: ignore[attr-defined]
    everything = reply.text + caplog.text + str([vars(record) for record in caplog.records])
    assert "XI-secret" not in everything
    assert "4155550123" not in everything


async def test_storage_that_is_away_is_a_503_to_try_again() -> None:
    reply = await ask(failing_with(errors.StorageError("The database is away.")))
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "2")
    assert reply.json()["detail"] == "The database is away."


def test_every_error_of_the_product_has_a_status_of_its_own_or_of_its_family() -> None:
    families = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    named = [kind for kind in families if issubclass(kind, errors.OffhookError)]
    assert errors.StorageError in named
    for kind in named:
        nearest = next(base for base in kind.__mro__ if base in STATUS_OF_ERROR)
        assert nearest is not errors.OffhookError or kind is errors.OffhookError, kind
