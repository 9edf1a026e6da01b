"""Telephony configurations and their numbers, made over HTTP."""

from typing import Any

import httpx

from tests.support.rest import Install, Tenant

BASE = "/api/v1/telephony-configurations"
TOKEN = "XI-4b7d0c2e9a614f2c"
WEBHOOK_KEY = "whk-2d7e8f90a1b2c3d4"


def new_configuration(tenant: Tenant, **changes: Any) -> dict[str, Any]:
    credentials = {"bearer_token": TOKEN, "domain_id": f"new-{tenant.organization_id}"}
    return {"name": "Second line", "provider": "cloudonix", "credentials": credentials, **changes}


def send(
    install: Install, tenant: Tenant, method: str, path: str = "", body: Any = None, **headers: str
) -> httpx.Response:
    return install.http.request(method, BASE + path, json=body, headers={**tenant.headers, **headers})


def create(install: Install, tenant: Tenant, **changes: Any) -> dict[str, Any]:
    reply = send(install, tenant, "POST", body=new_configuration(tenant, **changes))
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


def add_number(install: Install, tenant: Tenant, configuration_id: str, **body: Any) -> dict[str, Any]:
    reply = send(install, tenant, "POST", f"/{configuration_id}/phone-numbers", body)
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


def problem(reply: httpx.Response) -> tuple[int, str]:
    assert reply.headers["content-type"] == "application/problem+json"
    return reply.status_code, reply.json()["code"]


def trigger(install: Install, tenant: Tenant) -> tuple[int, str]:
    """Order a call; return the status and the number that the carrier was told to show."""
    install.carrier.reset()
    reply = install.http.post(
        f"/api/v1/public/agent/{tenant.trigger_path}",
        json={"phone_number": "+14155550123"},
        headers=tenant.headers,
    )
    (asked,) = install.carrier.asked
    return reply.status_code, asked.body["caller-id"]
