"""HTTP tools: one request of the definition's making, through the guarded client, and what came back."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from urllib.parse import quote

from offhook.addresses import UnsafeAddressError
from offhook.errors import InvalidInputError, NotFoundError, StorageError
from offhook.json_types import JsonObject
from offhook.runs.ports import Courier, DeliveryError
from offhook.tools.forms import HttpApiDefinition
from offhook.tools.requests import tool_request
from streamer.tools.answers import told
from streamer.tools.fair_threads import FairThreads
from streamer.tools.ports import Answer, ToolContext

UNKNOWN_WHETHER_DONE = "It is not known whether this was done: tell the caller so, and don't do it again."
GO_ON = "Tell the caller so, and go on without it."
NO_CREDENTIAL = "The credential of this tool can't be used at the moment. Go on without this tool."

_MAX_KEY_CHARACTERS = 200

Presented = Callable[[str | None], dict[str, str]]
"""Returns the headers that present a credential of the call's organization; blocks; raises what Wallet.headers raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpTool:
    """Implements Function."""

    definition: HttpApiDefinition
    organization_id: str
    courier: Courier
    presented: Presented
    threads: FairThreads

    async def call(self, arguments: JsonObject, context: ToolContext) -> Answer:
        until_s = monotonic() + self.definition.timeout_ms / 1000
        return await self.threads.run(self.organization_id, lambda: self._ask(arguments, context, until_s))

    def _ask(self, arguments: JsonObject, context: ToolContext, until_s: float) -> Answer:
        """Make the request; raise TimeoutError where its time was spent with waiting for a thread."""
        request = tool_request(self.definition, arguments, context.values)
        try:
            presented = self.presented(self.definition.credential_uuid)
        except (NotFoundError, InvalidInputError, StorageError):
            return Answer(text=NO_CREDENTIAL, is_error=True)
        left_s = until_s - monotonic()
        if left_s <= 0:
            raise TimeoutError
        try:
            reply = self.courier.request(
                request.method,
                request.url,
                headers={**request.headers, **self._key(context), **presented},
                body=request.body,
                timeout=left_s,
            )
        except UnsafeAddressError as unsafe:
            return Answer(text=unsafe.detail, is_error=True)
        except DeliveryError as failed:
            return Answer(text=f"{failed.detail} {self._advice()}", is_error=True)
        return told(reply, presented)

    def _key(self, context: ToolContext) -> dict[str, str]:
        if not self.definition.idempotent:
            return {}
        return {"Idempotency-Key": quote(context.key, safe="")[:_MAX_KEY_CHARACTERS]}

    def _advice(self) -> str:
        changes_something = self.definition.method != "GET" and not self.definition.idempotent
        return UNKNOWN_WHETHER_DONE if changes_something else GO_ON
