"""Signing a browser in by a code: once, within a minute, and with the key that asked."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import boto3
import httpx
import pytest

from offhook.clock import system_clock
from offhook.organizations.model import Scope
from offhook.organizations.sign_in import CODE_LIFETIME, make_code
from offhook.settings import Settings
from tests.support.rest import Install, Tenant


def new_code(install: Install, headers: dict[str, str]) -> str:
    reply = install.http.post("/api/v1/user/sign-in-codes", headers=headers)
    assert reply.status_code == 200, reply.text
    return str(reply.json()["code"])


def sign_in(install: Install, code: str) -> httpx.Response:
    return install.http.post("/api/v1/user/sign-ins", json={"code": code})


def test_a_key_is_told_who_it_is(install: Install, tenant: Tenant) -> None:
    narrow = install.add_key(tenant, Scope.RUNS_READ)
    me = install.http.get("/api/v1/user/me", headers=narrow).json()
    assert (me["organization_id"], me["name"], me["scopes"]) == (
        tenant.organization_id,
        "narrow",
        ["runs:read"],
    )
    assert narrow["X-API-Key"].startswith(me["key_prefix"])
    assert install.http.get("/api/v1/user/me").status_code == 401


def test_a_code_gives_the_key_that_asked_and_gives_it_once(install: Install, tenant: Tenant) -> None:
    code = new_code(install, tenant.headers)
    reply = sign_in(install, code)
    assert (reply.status_code, reply.json()) == (200, {"api_key": tenant.api_key})
    assert reply.headers["cache-control"] == "no-store"
    again, never = sign_in(install, code), sign_in(install, "never-one")
    assert (again.status_code, again.json()["detail"]) == (401, never.json()["detail"])


def test_of_many_who_have_a_code_one_gets_the_key(install: Install, tenant: Tenant) -> None:
    code = new_code(install, tenant.headers)
    with ThreadPoolExecutor(8) as many:
        replies = list(many.map(lambda _: sign_in(install, code), range(8)))
    assert sorted(reply.status_code for reply in replies) == [200, *[401] * 7]


def test_a_code_is_over_after_a_minute(install: Install, tenant: Tenant) -> None:
    codes, now = install.store.sign_in_codes, system_clock()
    late, _ = make_code(codes, tenant.api_key, now - CODE_LIFETIME)
    timely, _ = make_code(codes, tenant.api_key, now - CODE_LIFETIME + timedelta(seconds=20))
    assert (sign_in(install, late).status_code, sign_in(install, timely).status_code) == (401, 200)


def test_a_code_of_a_key_that_was_archived_meanwhile_opens_nothing(install: Install, tenant: Tenant) -> None:
    made = install.http.post("/api/v1/user/api-keys", json={"name": "lost"}, headers=tenant.headers).json()
    code = new_code(install, {"X-API-Key": made["api_key"]})
    install.http.delete(f"/api/v1/user/api-keys/{made['id']}", headers=tenant.headers)
    reply = sign_in(install, code)
    assert (reply.status_code, made["api_key"] in reply.text) == (401, False)


def test_neither_code_nor_key_is_stored(install: Install, tenant: Tenant, storage_settings: Settings) -> None:
    code = new_code(install, tenant.headers)
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=storage_settings.config_table)
    stored = str(list(pages))
    assert "SIGNIN#" in stored
    assert code not in stored
    assert tenant.api_key not in stored


@pytest.mark.parametrize(
    "body", [{}, {"code": ""}, {"code": "x" * 101}, {"code": 7}, {"code": "x", "key": "y"}]
)
def test_what_makes_no_sense_is_422(install: Install, body: dict[str, object]) -> None:
    assert install.http.post("/api/v1/user/sign-ins", json=body).status_code == 422
