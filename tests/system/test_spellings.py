"""What clients write in more ways than one: addresses, methods, nulls, packed bodies, tags."""

import gzip
import json
import zlib

import httpx
import pytest

from functions.http.json_body import MAX_BODY_BYTES
from functions.http.pagination import MAX_PAGE_BYTES
from tests.support.makers import make_run
from tests.support.rest import Install, Tenant


def send(install: Install, tenant: Tenant, body: bytes, **headers: str) -> httpx.Response:
    path = f"/api/v1/public/agent/{tenant.trigger_path}"
    return install.http.post(
        path, content=body, headers={"Content-Type": "application/json", **tenant.headers, **headers}
    )


@pytest.mark.parametrize(
    "path", ["/api/v1/runs", "/api/v1/agents", "/api/v1/organization/limits", "/healthz"]
)
def test_a_trailing_slash_is_the_same_address(install: Install, tenant: Tenant, path: str) -> None:
    plain = install.http.get(path, headers=tenant.headers)
    assert plain.status_code == 200
    assert install.http.get(f"{path}/", headers=tenant.headers).json() == plain.json()


def test_a_call_is_placed_under_an_address_with_a_slash(install: Install, tenant: Tenant) -> None:
    path = f"/api/v1/public/agent/{tenant.trigger_path}/"
    reply = install.http.post(path, json={"phone_number": "+14155550123"}, headers=tenant.headers)
    assert reply.status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/runs", "/healthz", "/openapi.json", "/api/v1/agents/unknown"])
def test_head_answers_as_get_without_the_body(install: Install, tenant: Tenant, path: str) -> None:
    got, headed = (install.http.request(method, path, headers=tenant.headers) for method in ("GET", "HEAD"))
    assert headed.status_code == got.status_code
    assert headed.content == b""
    assert headed.headers["content-length"] == str(len(got.content))
    assert headed.headers["content-type"] == got.headers["content-type"]


def test_head_of_what_can_only_be_posted_is_405(install: Install, tenant: Tenant) -> None:
    reply = install.http.head(f"/api/v1/public/agent/{tenant.trigger_path}", headers=tenant.headers)
    assert reply.status_code == 405
    assert reply.headers["allow"] == "POST"


def test_null_in_a_body_is_what_leaving_out_is(install: Install, tenant: Tenant) -> None:
    body = {
        "phone_number": "+14155550123",
        "initial_context": None,
        "callback_url": None,
        "dedupe_key": None,
        "from_phone_number_id": None,
    }
    assert send(install, tenant, json.dumps(body).encode()).status_code == 200


def test_null_within_the_context_is_kept(install: Install, tenant: Tenant) -> None:
    body = {"phone_number": "+14155550123", "initial_context": {"middle_name": None}}
    run_id = send(install, tenant, json.dumps(body).encode()).json()["workflow_run_id"]
    run = install.http.get(f"/api/v1/runs/{run_id}", headers=tenant.headers).json()
    assert run["initial_context"]["middle_name"] is None


GOOD = b'{"phone_number": "+14155550123"}'


def test_a_gzip_body_is_unpacked(install: Install, tenant: Tenant) -> None:
    assert send(install, tenant, gzip.compress(GOOD), **{"Content-Encoding": "gzip"}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        # The same at each import: workers must collect the same tests.
        gzip.compress(GOOD, mtime=0)[:-4],
        gzip.compress(GOOD, mtime=0) + b"x",
        zlib.compress(GOOD),
        GOOD,
    ],
)
def test_a_gzip_body_that_is_none_is_refused(install: Install, tenant: Tenant, body: bytes) -> None:
    reply = send(install, tenant, body, **{"Content-Encoding": "gzip"})
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid-json")


def test_a_gzip_body_that_unpacks_to_too_much_is_refused(install: Install, tenant: Tenant) -> None:
    body = gzip.compress(b" " * 100 * MAX_BODY_BYTES + GOOD)
    reply = send(install, tenant, body, **{"Content-Encoding": "gzip"})
    assert (reply.status_code, reply.json()["code"]) == (413, "body-too-large")


def test_another_way_of_packing_is_415_and_says_which_one_is_taken(install: Install, tenant: Tenant) -> None:
    reply = send(install, tenant, GOOD, **{"Content-Encoding": "br"})
    assert (reply.status_code, reply.json()["code"]) == (415, "unsupported-content-encoding")
    assert "Content-Encoding" in reply.json()["detail"]
    assert reply.headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize("form", ['"{}"', 'W/"{}"', "{}"])
def test_if_match_takes_a_revision_however_it_is_written(install: Install, tenant: Tenant, form: str) -> None:
    path = f"/api/v1/agents/{tenant.agent_uuid}"
    revision = install.http.get(path, headers=tenant.headers).headers["etag"].strip('"')
    for wanted, status in ((str(int(revision) + 1), 412), (revision, 200)):
        headers = {**tenant.headers, "If-Match": form.format(wanted)}
        assert install.http.patch(path, json={"description": "new"}, headers=headers).status_code == status


def test_a_page_ends_where_a_reply_would_be_too_long_for_lambda(install: Install, tenant: Tenant) -> None:
    # JSON makes two characters of a quote, and JSON in JSON four.
    for _ in range(40):
        run = make_run(tenant.organization_id, initial_context={"text": '"' * 60_000})
        install.store.runs.create(run)
    ids: list[int] = []
    cursor = ""
    while cursor is not None:
        reply = install.http.get(f"/api/v1/runs?limit=200&cursor={cursor}", headers=tenant.headers)
        assert len(json.dumps(reply.text)) < MAX_PAGE_BYTES + 1_000
        ids += [run["id"] for run in reply.json()["items"]]
        cursor = reply.json()["next_cursor"]
    assert len(ids) == len(set(ids)) == 40
