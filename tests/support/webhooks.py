"""What Cloudonix posts to an install, and an organization whose domain and numbers are ready for it."""

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import httpx

from offhook.adapters.cloudonix.credentials import CREDENTIALS
from offhook.clock import system_clock
from offhook.telephony.form import shown_form
from offhook.telephony.usecases import update_configuration
from tests.support.rest import Install, Tenant

INBOUND = "/api/v1/telephony/inbound/run"
CDR = "/api/v1/telephony/cloudonix/cdr"
CALLER = "+14155550123"
WEBHOOK_KEY = "the-key-that-cloudonix-sends"


def connect(install: Install, tenant: Tenant, *, webhook_api_key: str | None = None) -> None:
    """Verify the tenant's domain, have its agent answer its number, and store the key of its webhooks."""
    telephony, box = install.store.telephony, install.ports.secret_box
    configuration = telephony.get(tenant.organization_id, tenant.configuration_id)
    shown = shown_form(configuration, CREDENTIALS)
    form = replace(shown, credentials={**shown.credentials, "webhook_api_key": webhook_api_key})
    telephony.claim_account(
        update_configuration(telephony, box, configuration, CREDENTIALS, form, system_clock())
    )
    answer_at(install, tenant, tenant.agent_uuid)


def answer_at(install: Install, tenant: Tenant, agent_uuid: str | None) -> None:
    """Have this agent answer the tenant's number."""
    telephony = install.store.telephony
    number = telephony.get_number(tenant.organization_id, tenant.configuration_id, tenant.number_id)
    telephony.update_number(replace(number, inbound_agent_uuid=agent_uuid))


def webhook(tenant: Tenant, session: str = "sess-1", **changes: Any) -> dict[str, Any]:
    """Return the body of a webhook; a change to None leaves a field out."""
    body = {
        "Direction": "inbound",
        "Domain": tenant.cloudonix_domain,
        "Session": session,
        "CallSid": "CA1",
        "CallStatus": "ringing",
        "From": CALLER,
        "To": tenant.caller_number,
        "FromCountry": "US",
        "ToCountry": "US",
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


def announce(install: Install, body: dict[str, Any], key: str | None = WEBHOOK_KEY) -> httpx.Response:
    """Post a webhook as Cloudonix does."""
    return install.http.post(INBOUND, json=body, headers=carrier_headers(key))


def carrier_headers(key: str | None) -> dict[str, str]:
    return {"User-Agent": "Cloudonix", **({"X-CX-APIKey": key} if key else {})}


def cxml(reply: httpx.Response) -> ET.Element:
    """Return the document that the carrier got, whatever the matter."""
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/xml"), reply.text
    return ET.fromstring(reply.text)


def verbs(reply: httpx.Response) -> list[str]:
    return [element.tag for element in cxml(reply)]
