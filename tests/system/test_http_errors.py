"""The form of refusals: who asks comes first, then the body, and nothing is left half made."""

import base64
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from functions.http.json_body import MAX_BODY_BYTES, MAX_DEPTH
from offhook.clock import system_clock
from offhook.organizations.usecases import archive_key
from offhook.runs.ports import RunFilter
from tests.support.rest import Install, Tenant

pytestmark = pytest.mark.every_python

JSON = {"Content-Type": "application/json"}
GOOD = b'{"phone_number": "+14155550123"}'


def post(install: Install, tenant: Tenant, body: bytes, headers: dict[str, str]) -> httpx.Response:
    path = f"/api/v1/public/agent/{tenant.trigger_path}"
    return install.http.post(path, content=body, headers={**JSON, **headers})


def assert_problem(reply: httpx.Response, status: int, code: str) -> dict[str, Any]:
    problem: dict[str, Any] = reply.json()
    assert (reply.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["x-request-id"]
    assert {"type", "title", "detail"} <= problem.keys()
    assert "error" not in problem
    return problem


def assert_nothing_happened(install: Install, tenant: Tenant) -> None:
    page = install.store.runs.list(tenant.organization_id, RunFilter(), limit=1, before_id=None)
    assert page.runs == ()
    assert install.carrier.asked == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": ""},
        {"X-API-Key": "dg_" + "A" * 43},
        {"X-API-Key": "é"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic é"},
        {"Authorization": "Basic " + base64.b64encode(b"zapier:dg_wrong").decode()},
        {"Authorization": "Bearer dg_wrong"},
    ],
    ids=["none", "empty", "unknown", "not ASCII", "not base64", "no basic ASCII", "basic", "bearer"],
)
def test_without_a_good_key_every_body_is_401(
    install: Install, tenant: Tenant, headers: dict[str, str]
) -> None:
    path = f"/api/v1/public/agent/{tenant.trigger_path}"
    encoded = {name.encode(): value.encode("latin-1") for name, value in {**JSON, **headers}.items()}
    for body in (b"{", b"", b"[" * 100_000, b"\xff\xfe", GOOD, b'{"phone_number": 5}', b" " * 2_000_000):
        reply = install.http.post(path, content=body, headers=encoded)
        assert_problem(reply, 401, "unauthenticated")
        assert reply.headers["www-authenticate"].startswith("Basic ")
    assert_nothing_happened(install, tenant)


def test_the_key_is_refused_before_the_body_arrives(install: Install, tenant: Tenant) -> None:
    """The body is announced and never sent: whoever waits for it would hang here."""
    url = install.http.base_url
    with socket.create_connection((url.host, url.port or 80), timeout=10) as connection:
        head = f"POST /api/v1/public/agent/{tenant.trigger_path} HTTP/1.1\r\nHost: x\r\n"
        connection.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 900000\r\n\r\n".encode())
        assert connection.recv(1024).startswith(b"HTTP/1.1 401 ")


def test_an_archived_key_is_401(install: Install, tenant: Tenant) -> None:
    archive_key(install.store.organizations, tenant.organization_id, tenant.api_key_id, system_clock())
    assert_problem(post(install, tenant, GOOD, tenant.headers), 401, "unauthenticated")
    assert_nothing_happened(install, tenant)


def test_the_key_is_taken_as_basic_password(install: Install, tenant: Tenant) -> None:
    reply = install.http.get("/api/v1/runs", auth=("zapier", tenant.api_key))
    assert reply.status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 422, "invalid-json"),
        (b'{"phone_number": "+14155550123"} x', 422, "invalid-json"),
        (b"\xff\xfe{}", 422, "invalid-json"),
        (b'{"phone_number": "\\u0000"}', 422, "invalid-json"),
        (b'{"phone_number": "+14155550123", "initial_context": {"\\ud800": 1}}', 422, "invalid-json"),
        (b'{"phone_number": "+14155550123", "initial_context": {"a": NaN}}', 422, "invalid-json"),
        (b'{"phone_number": "+14155550123", "initial_context": {"a": 1e999}}', 422, "invalid-json"),
        (b'{"phone_number": ' + b"1" * 5000 + b"}", 422, "invalid-json"),
        (
            b'{"phone_number": "+14155550123", "initial_context": {"a": 9007199254740993}}',
            422,
            "invalid-json",
        ),
        (b"[" * 100_000, 422, "invalid-json"),
        (
            b'{"phone_number": "+14155550123", "initial_context": ' + b'{"a":' * MAX_DEPTH + b"1" + b"}" * 33,
            422,
            "invalid-json",
        ),
        (b'{"phone_number": "+14155550123", "a": "' + b"x" * 10 * MAX_BODY_BYTES, 413, "body-too-large"),
        (b"", 422, "invalid-request"),
        (b"[]", 422, "invalid-request"),
        (b"null", 422, "invalid-request"),
        (b'{"phone_number": null}', 422, "invalid-request"),
        (b'{"phone_number": "+14155550123", "initial_context": []}', 422, "invalid-request"),
    ],
)
def test_a_bad_body_is_refused_without_a_trace(
    install: Install, tenant: Tenant, body: bytes, status: int, code: str
) -> None:
    problem = assert_problem(post(install, tenant, body, tenant.headers), status, code)
    assert all({"loc", "msg"} == error.keys() for error in problem["errors"])
    assert_nothing_happened(install, tenant)


def test_a_body_without_a_length_is_bounded_too(install: Install, tenant: Tenant) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * 65_536

    path = f"/api/v1/public/agent/{tenant.trigger_path}"
    reply = install.http.post(path, content=endless(), headers={**JSON, **tenant.headers})
    assert_problem(reply, 413, "body-too-large")


def test_other_kinds_of_bodies_are_415(install: Install, tenant: Tenant) -> None:
    reply = post(install, tenant, b"phone_number=1", {**tenant.headers, "Content-Type": "text/plain"})
    assert_problem(reply, 415, "unsupported-media-type")


def test_a_body_without_a_type_is_taken_as_json(install: Install, tenant: Tenant) -> None:
    request = install.http.build_request(
        "POST",
        f"/api/v1/public/agent/{tenant.trigger_path}",
        content=GOOD,
        headers=tenant.headers,
    )
    assert "content-type" not in request.headers
    assert install.http.send(request).status_code == 200


def test_a_refused_value_is_not_repeated_in_the_reply(install: Install, tenant: Tenant) -> None:
    reply = post(install, tenant, b'{"phone_number": ["+14155550123"]}', tenant.headers)
    assert "+14155550123" not in reply.text


def test_an_unknown_address_and_a_wrong_method_are_problems(install: Install, tenant: Tenant) -> None:
    assert_problem(install.http.get("/api/v1/nothing"), 404, "route-not-found")
    reply = install.http.delete("/api/v1/runs", headers=tenant.headers)
    assert_problem(reply, 405, "method-not-allowed")
    assert reply.headers["allow"] == "GET, HEAD"
    assert install.http.delete("/api/v1/agents").headers["allow"] == "GET, HEAD, POST"
    assert install.http.delete("/api/v1/agents/x").headers["allow"] == "GET, HEAD, PATCH, PUT"


@pytest.mark.parametrize(
    "query",
    [
        "agent_uuid=%00",
        "agent_uuid=a%00b",
        "agent_uuid=%ff",
        "agent_uuid=%ED%A0%80",
        "%00=1",
        "cursor=%00",
        "cursor=..%2f..%2f",
        "limit=1e3",
        "limit=9007199254740993",
        "limit=-1",
        "created_from=99999999999999999999",
        "agent_uuid=" + "x" * 5000,
        "status=nothing",
    ],
)
def test_a_bad_query_is_refused(install: Install, tenant: Tenant, query: str) -> None:
    reply = install.http.get(f"/api/v1/runs?{query}", headers=tenant.headers)
    problem = reply.json()
    assert_problem(reply, 422, problem["code"])
    assert problem["errors"][0]["loc"][0] == "query"


def test_a_sentence_of_ours_is_said_as_it_is(install: Install, tenant: Tenant) -> None:
    reply = install.http.get("/api/v1/runs?created_from=17", headers=tenant.headers)
    problem = assert_problem(reply, 422, "invalid-request")
    assert problem["detail"] == "created_from: Write the instant as text, such as 2027-01-31T00:00:00Z."


@pytest.mark.parametrize(
    ("query", "name", "said"),
    [
        ("stauts=failed", "stauts", "no query parameter stauts: it takes agent_uuid,"),
        ("limit=1&limit=2", "limit", "Give the query parameter limit once."),
        ("created_from=2027-01-31T00:00:00", "created_from", "Write the time zone"),
        ("limit=x", "limit", "This must be a whole number."),
        ("status=nothing", "status", "This must be one of: 'queued'"),
    ],
)
def test_a_filter_that_would_not_narrow_the_list_is_named(
    install: Install, tenant: Tenant, query: str, name: str, said: str
) -> None:
    reply = install.http.get(f"/api/v1/runs?{query}", headers=tenant.headers)
    (error,) = assert_problem(reply, 422, "invalid-request")["errors"]
    assert error["loc"] == ["query", name]
    assert said in error["msg"]


def test_an_empty_parameter_is_none(install: Install, tenant: Tenant) -> None:
    reply = install.http.get("/api/v1/runs?cursor=&status=&limit=1&created_from=", headers=tenant.headers)
    assert reply.status_code == 200


def test_no_more_than_fifty_errors_are_told_and_the_others_counted(install: Install, tenant: Tenant) -> None:
    fields = ", ".join(f'"field_{number}": 1' for number in range(40_000))
    reply = post(install, tenant, f'{{"phone_number": "+14155550123", {fields}}}'.encode(), tenant.headers)
    problem = assert_problem(reply, 422, "invalid-request")
    assert len(problem["errors"]) == 50
    assert problem["errors_left_out"] == 40_000 - 50
    assert len(reply.content) < 20_000


@pytest.mark.parametrize(
    ("fields", "loc", "said"),
    [
        ('"phone_number": 14155550123', ["body", "phone_number"], "This must be a text, in quotes."),
        ('"phone_number": "+14155550123", "callback_url": ""', ["body", "callback_url"], "must not be empty"),
        ('"phone_number": "+14155550123", "initial_context": 1', ["body", "initial_context"], "an object"),
    ],
)
def test_faults_of_a_body_are_told_in_sentences_of_ours(
    install: Install, tenant: Tenant, fields: str, loc: list[str], said: str
) -> None:
    reply = post(install, tenant, f"{{{fields}}}".encode(), tenant.headers)
    (error,) = assert_problem(reply, 422, "invalid-request")["errors"]
    assert error["loc"] == loc
    assert said in error["msg"]
    assert "input" not in error["msg"].lower()


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/runs/..%2f..%2fuser%2fapi-keys",
        "/api/v1/runs/%2e%2e/user/api-keys",
        "/api/v1/runs/%00",
        "/api/v1/runs/9007199254740993",
        "/api/v1/runs/" + "9" * 5000,
        "/api/v1/runs/%ff",
        "/api/v1/workflow/%00/runs",
        "/api/v1/workflow/%ED%A0%80/runs",
        "/api/v1/workflow/..%2f/runs",
        "/api/v1/workflow/" + "x" * 5000 + "/runs",
        "/%00",
        "/api/v1/%ff",
    ],
)
def test_a_bad_path_leads_nowhere(install: Install, tenant: Tenant, path: str) -> None:
    url = install.http.base_url
    with socket.create_connection((url.host, url.port or 80), timeout=10) as connection:
        # Not through a client, which would tidy the path up.
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nX-API-Key: {tenant.api_key}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        reply = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert reply.split(b" ")[1] in (b"404", b"422"), reply
    assert b"application/problem+json" in reply


def test_a_header_that_is_sent_twice_is_refused(install: Install, tenant: Tenant) -> None:
    keys = [("X-API-Key", tenant.api_key), ("X-API-Key", tenant.api_key)]
    assert_problem(install.http.get("/api/v1/runs", headers=keys), 401, "unauthenticated")
    basic = "Basic " + base64.b64encode(f"zapier:{tenant.api_key}".encode()).decode()
    twice = [("Authorization", basic), ("Authorization", basic)]
    assert_problem(install.http.get("/api/v1/runs", headers=twice), 401, "unauthenticated")
    headers = [*tenant.headers.items(), ("Idempotency-Key", "a"), ("Idempotency-Key", "a")]
    path = f"/api/v1/public/agent/{tenant.trigger_path}"
    reply = install.http.post(path, json={"phone_number": "+14155550123"}, headers=headers)
    assert assert_problem(reply, 422, "invalid-request")["errors"][0]["loc"] == ["header", "Idempotency-Key"]
    assert_nothing_happened(install, tenant)


def test_after_all_of_that_the_next_request_works(install: Install, tenant: Tenant) -> None:
    for body in (b"[" * 100_000, b"\xff", b'{"a": ' + b"9" * 5000 + b"}"):
        assert post(install, tenant, body, tenant.headers).status_code == 422
    assert post(install, tenant, GOOD, tenant.headers).status_code == 200


def test_a_request_id_is_kept_when_it_is_one(install: Install) -> None:
    assert install.http.get("/healthz", headers={"X-Request-Id": "abc-1"}).headers["x-request-id"] == "abc-1"
    made_up = install.http.get("/healthz", headers={"X-Request-Id": "a b"}).headers["x-request-id"]
    assert made_up != "a b"
    assert len(made_up) == 36


def test_health_and_documents_need_no_key(install: Install) -> None:
    assert install.http.get("/healthz").json() == {"status": "ok"}
    assert install.http.get("/openapi.json").json()["openapi"].startswith("3.1")
    page = install.http.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "curl -X POST" in page.text
    assert "<script" not in page.text
