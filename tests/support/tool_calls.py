"""Tools as the streamer calls them, of organizations that have made them at the front door."""

import asyncio
from typing import Any

from offhook.adapters.http.guarded_client import GuardedClient
from offhook.addresses import AddressPolicy
from offhook.json_types import JsonObject
from offhook.models.requests import ToolOutcome, ToolUse
from offhook.tools.presenting import Wallet
from offhook.workflows import TemplateContext, parse_workflow
from streamer.tools.catalogue import Catalogue, ToolsOfCall
from streamer.tools.knowledge import Library
from streamer.tools.ports import ToolContext
from tests.support.makers import NOON
from tests.support.rest import Install, Tenant

SECRET = "the-secret-of-the-crm"


class ToolCaller:
    """Makes tools for an organization, and calls them; `catalogue` is to be closed."""

    def __init__(self, install: Install, tenant: Tenant, addresses: AddressPolicy | None = None) -> None:
        self.install = install
        self.tenant = tenant
        self.catalogue = Catalogue(
            courier=GuardedClient(addresses or install.ports.addresses),
            wallet=Wallet(credentials=install.store.credentials, secret_box=install.ports.secret_box),
            library=Library(install.ports.media),
        )

    def add(self, name: str = "book", category: str = "http_api", **definition: Any) -> str:
        """Make a tool and return its UUID."""
        body = {"name": name, "description": "Books.", "category": category, "definition": definition}
        return self._post("tools", body)

    def add_credential(self, type_: str, **secret: str) -> str:
        """Make a credential and return its UUID."""
        return self._post("credentials", {"name": "CRM", "type": type_, **secret})

    async def tools(self, *uuids: str, **data: Any) -> ToolsOfCall:
        """Return what a node that names these tools offers, with the node's other data."""
        organization_id = self.tenant.organization_id
        stored = await asyncio.to_thread(self.install.store.tools.list, organization_id)
        node = {"name": "Start", "prompt": "Help.", "tool_uuids": uuids, **data}
        workflow = parse_workflow({"nodes": [{"id": "start", "type": "startCall", "data": node}]})
        return await self.catalogue.of(organization_id, workflow, stored)

    async def call(self, uuid: str, arguments: dict[str, Any] | None = None) -> ToolOutcome:
        """Call a tool of one function."""
        return await run(await self.tools(uuid), arguments)

    def _post(self, path: str, body: dict[str, Any]) -> str:
        reply = self.install.http.post(f"/api/v1/{path}", json=body, headers=self.tenant.headers)
        assert reply.status_code == 201, reply.text
        uuid: str = reply.json()["uuid"]
        return uuid


async def run(
    tools: ToolsOfCall,
    arguments: dict[str, Any] | None = None,
    key: str = "7-1",
    name: str = "",
    called_number: str | None = "+14155550199",
) -> ToolOutcome:
    """Call the function of this name, or the only one."""
    [tool] = [each for each in tools.offered["start"] if name in ("", each.name)]
    system: JsonObject = {"caller_number": "+14155550100", "called_number": called_number}
    values = TemplateContext(clock=lambda: NOON, initial={"customer": "Ada"}, system=system)
    use = ToolUse(call_id="1", name=tool.name, arguments=arguments or {})
    return await tools.runner.run(use, context=ToolContext(tool=tool, values=values, key=key))
