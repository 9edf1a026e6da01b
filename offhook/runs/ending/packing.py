"""What deliveries of a finished run hold: the run itself for a callback, and for a webhook what its node's template says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlencode

from offhook.agents.afterwards import webhooks_of
from offhook.agents.ports import AgentRepository
from offhook.clock import Clock
from offhook.errors import NotFoundError
from offhook.json_types import JsonObject, JsonValue
from offhook.runs.document import run_document
from offhook.runs.model import Delivery, Run
from offhook.runs.ports import MediaStore

if TYPE_CHECKING:
    # Most runs have a callback and no webhook, and then nothing that a workflow can hold is needed.
    from offhook.workflows import TemplateContext
    from offhook.workflows.nodes import WebhookNode


class Presenter(Protocol):
    """Knows what the requests of an organization present to somebody else's service."""

    def headers(self, organization_id: str, credential_uuid: str | None) -> Mapping[str, str]:
        """Return the header of a credential, none where none is named; raise NotFoundError or InvalidInputError."""


_WITHOUT_BODY = frozenset({"GET", "DELETE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What is sent, and where to; its address and its headers may hold secrets of the receiver."""

    url: str = field(repr=False)
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    method: str = "POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPacker:
    """Makes what the deliveries of a run send. Blocks."""

    agents: AgentRepository
    media: MediaStore
    presenter: Presenter
    clock: Clock

    def pack(self, run: Run, delivery: Delivery) -> Parcel:
        """Return it; raise NotFoundError or InvalidInputError where that can't be made any more."""
        document: JsonObject = run_document(run, self.media).model_dump(mode="json")
        if delivery.node_id is None:
            return Parcel(url=delivery.url or "", body=_json(document))
        webhook = self._webhook(run, delivery.node_id)
        data = webhook.data
        headers = {
            **webhook.headers,
            **self.presenter.headers(run.organization_id, data.credential_uuid),
        }
        payload = self._payload(run, webhook, document)
        if data.http_method in _WITHOUT_BODY:
            return Parcel(
                url=_with_query(data.endpoint_url, payload),
                body=b"",
                headers=headers,
                method=data.http_method,
            )
        return Parcel(url=data.endpoint_url, body=_json(payload), headers=headers, method=data.http_method)

    def _webhook(self, run: Run, node_id: str) -> WebhookNode:
        version = self.agents.get_version(run.agent_uuid, run.version)
        for webhook in webhooks_of(version.workflow_definition):
            if webhook.id == node_id:
                return webhook
        # Of a draft, which may have changed during the call.
        raise NotFoundError("The workflow has no such webhook any more.", code="webhook-gone")

    def _payload(self, run: Run, webhook: WebhookNode, document: JsonObject) -> JsonObject:
        from offhook.workflows import render_document

        template = webhook.data.payload_template
        payload = render_document(template, self._context(run, document)) if template else document
        # As Dograh does, whose receivers rely on it.
        return payload if "call_disposition" in payload else {**payload, "call_disposition": run.disposition}

    def _context(self, run: Run, document: JsonObject) -> TemplateContext:
        """Return what templates reach after a call: Dograh's names, and the whole run as `run`."""
        from offhook.workflows import TemplateContext

        agent = self.agents.get(run.organization_id, run.agent_uuid)
        gathered: JsonObject = {
            "call_id": run.telephony.call_id,
            "call_disposition": run.disposition,
            "mapped_call_disposition": run.disposition,
            "extracted_variables": run.gathered_context,
            **run.gathered_context,
        }
        recording = document["recording_url"]
        system: JsonObject = {
            "workflow_run_id": run.id,
            "workflow_run_name": run.name,
            "workflow_id": run.agent_uuid,
            "workflow_name": agent.name,
            "call_time": document["created_at"],
            "call_disposition": run.disposition,
            "caller_number": run.telephony.caller_number,
            "called_number": run.telephony.called_number,
            "usage_info": document["usage_info"],
            "cost_info": {**(run.usage or {}), **(run.cost or {})},
            "annotations": run.annotations,
            "initial_context": run.initial_context,
            "gathered_context": gathered,
            "recording_url": recording,
            "user_recording_url": recording,
            "bot_recording_url": recording,
            "transcript_url": document["transcript_url"],
            "run": document,
        }
        return TemplateContext(
            clock=self.clock, initial=run.initial_context, gathered=gathered, system=system
        )


def _json(document: JsonObject) -> bytes:
    return json.dumps(document).encode()


def _with_query(url: str, payload: JsonObject) -> str:
    query = urlencode({name: _query_text(value) for name, value in payload.items() if value is not None})
    address = url.partition("#")[0]
    return f"{address}{'&' if '?' in address else '?'}{query}"


def _query_text(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value)
