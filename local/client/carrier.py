"""A small client of the simulated carrier's own routes, whose every failure is a sentence."""

from typing import Self, cast
from urllib.parse import quote

import httpx

from local.client.rest import json_object
from local.install.state import LocalState
from offhook.errors import NotConfiguredError, OffhookError
from offhook.json_types import JsonObject

_TIMEOUT_SECONDS = 10


class CarrierClient:
    """Has people call in at one domain; raises OffhookError with what to do."""

    def __init__(self, state: LocalState, domain: str) -> None:
        self._path = f"/simulator/domains/{quote(domain, safe='')}/calls"
        self._http = httpx.Client(
            base_url=state.carrier_url,
            headers={"Authorization": f"Bearer {state.cloudonix_token}"},
            timeout=_TIMEOUT_SECONDS,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def call_in(self, *, caller: str, called: str, cxml: str) -> JsonObject:
        """Let a person call a number that is answered by this document; return the call."""
        return self._send("POST", self._path, {"from": caller, "to": called, "cxml": cxml})

    def show(self, token: str) -> JsonObject:
        """Return a call with what has become of its streams."""
        return self._send("GET", f"{self._path}/{token}")

    def _send(self, method: str, path: str, body: JsonObject | None = None) -> JsonObject:
        try:
            reply = self._http.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise NotConfiguredError(
                "The simulated carrier does not answer: start it with `make run`."
            ) from error
        if reply.status_code == httpx.codes.UNAUTHORIZED:
            raise NotConfiguredError(
                "The default telephony configuration is not one of the simulated carrier: make that of "
                "demo.cloudonix.net the default one."
            )
        if not reply.is_success:
            told = (json_object(reply.content) or {}).get("detail", f"it answered {reply.status_code}")
            raise OffhookError(f"The simulated carrier refused the call: {told}")
        return cast("JsonObject", reply.json())
