"""What every HTTP function answers alike, whatever happens inside."""

import json
import logging
from typing import Any

import httpx
import pytest
from fastapi import APIRouter

from functions.http.app import create_app
from functions.http.errors import STATUS_OF_ERROR
from functions.http.measuring import MeasuredApp
from functions.recording import Meter
from offhook import errors

METER = Meter(namespace="Offhook", service="tests")


async def ask(router: APIRouter) -> httpx.Response:
    transport = httpx.ASGITransport(create_app([router]), raise_app_exceptions=True)
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


async def ask_measured(router: APIRouter, path: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return the metrics of one request, as they go to CloudWatch."""
    measured = MeasuredApp(create_app([router]), METER)
    transport = httpx.ASGITransport(measured)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        await client.get(path)
    metrics: dict[str, Any] = json.loads(capsys.readouterr().out)
    return metrics


async def test_a_failure_of_ours_is_counted_under_its_route(capsys: pytest.CaptureFixture[str]) -> None:
    failing = failing_with(RuntimeError("the token is XI-secret"))
    metrics = await ask_measured(failing, "/api/v1/thing?secret=1", capsys)
    assert (metrics["service"], metrics["route"]) == ("tests", "/thing")
    assert (metrics["Requests"], metrics["Errors"]) == ([1.0], [1.0])
    assert "secret" not in json.dumps(metrics)


async def test_an_address_that_is_none_is_counted_without_it(capsys: pytest.CaptureFixture[str]) -> None:
    metrics = await ask_measured(APIRouter(), "/api/v1/+14155550123", capsys)
    assert (metrics["route"], metrics["Errors"]) == ("none", [0.0])
    assert "4155550123" not in json.dumps(metrics)


@pytest.mark.parametrize(("name", "value"), [("workflow_run_id", "77"), ("session_id", "sess_77")])
async def test_a_request_is_logged_with_its_run_and_without_its_path(
    caplog: pytest.LogCaptureFixture, name: str, value: str
) -> None:
    router = APIRouter()

    @router.get(f"/things/{{token}}/runs/{{{name}}}")
    async def thing(token: str) -> None:
        assert token == "private-token"

    with caplog.at_level(logging.DEBUG):
        transport = httpx.ASGITransport(MeasuredApp(create_app([router]), METER))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            await client.get(f"/api/v1/things/private-token/runs/{value}", headers={"X-Request-Id": "r-1"})
    (record,) = (record for record in caplog.records if record.name == "offhook.requests")
    told = vars(record)
    assert (told["run_id"], told["status"], told["request_id"], told["method"]) == (77, 200, "r-1", "GET")
    assert told["route"] == f"/things/{{token}}/runs/{{{name}}}"
    assert "private-token" not in str(told)


async def test_a_run_that_a_request_asks_for_in_vain_may_be_a_number_of_somebody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    router = APIRouter()

    @router.get("/runs/{workflow_run_id}")
    async def thing(workflow_run_id: int) -> None:
        raise errors.NotFoundError("There is no such run.")

    with caplog.at_level(logging.DEBUG):
        transport = httpx.ASGITransport(MeasuredApp(create_app([router]), METER))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            await client.get("/api/v1/runs/14155550123")
    (record,) = (record for record in caplog.records if record.name == "offhook.requests")
    assert "14155550123" not in str(vars(record))
