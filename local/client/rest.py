"""A small client of the REST API whose every failure is a sentence."""

import json
from collections.abc import Mapping
from typing import Self, cast

import httpx

from local.client.target import Target
from local.processes.ports import is_here
from offhook.errors import NotConfiguredError, OffhookError
from offhook.json_types import JsonObject
from offhook.telephony.links import API_PATH

# A trigger answers only after the carrier did, and that may take ten seconds.
_TIMEOUT = httpx.Timeout(30, connect=5)


class InstallClient:
    """Talks to one install with one key; raises OffhookError with what to do."""

    def __init__(self, target: Target, *, with_key: bool = True) -> None:
        self._base_url = target.base_url
        self.uses_proxy = not is_here(target.base_url)
        self._http = httpx.Client(
            base_url=target.base_url,
            headers={"X-API-Key": target.require_key()} if with_key else {},
            timeout=_TIMEOUT,
            trust_env=self.uses_proxy,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def socket_url(self, path: str) -> str:
        """Return the address of a socket below `/api/v1`."""
        # http -> ws and https -> wss.
        return f"ws{self._base_url.removeprefix('http')}{API_PATH}{path}"

    def check_health(self) -> None:
        """Return when the install answers."""
        self._send("GET", "/healthz")

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> JsonObject:
        """Return the JSON object at this path below `/api/v1`."""
        return self._send("GET", API_PATH + path, params=params)

    def items(self, path: str, params: Mapping[str, str | int] | None = None) -> list[JsonObject]:
        """Return the items of the page at this path."""
        return cast("list[JsonObject]", self.get(path, params)["items"])

    def post(self, path: str, body: JsonObject) -> JsonObject:
        """Send an object and return the reply's."""
        return self._send("POST", API_PATH + path, body=body)

    def put(self, path: str) -> JsonObject:
        """Put without a body and return the reply's object, empty when it has none."""
        return self._send("PUT", API_PATH + path)

    def delete(self, path: str) -> JsonObject:
        """Delete and return the reply's object, empty when it has none."""
        return self._send("DELETE", API_PATH + path)

    def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        body: JsonObject | None = None,
    ) -> JsonObject:
        try:
            reply = self._http.request(method, path, params=params, json=body)
        except httpx.ConnectError as error:
            raise NotConfiguredError(
                f"No Offhook answers at {self._base_url}: start one with `make run`, "
                "or say where it is with --base-url."
            ) from error
        except httpx.TimeoutException as error:
            raise OffhookError(f"{self._base_url} did not answer in time; try again.") from error
        except httpx.HTTPError as error:
            raise OffhookError(f"The connection to {self._base_url} broke; try again.") from error
        return self._understood(reply)

    def _understood(self, reply: httpx.Response) -> JsonObject:
        body = json_object(reply.content)
        if reply.is_success and body is not None:
            return body
        if body is None or not isinstance(body.get("detail"), str):
            raise OffhookError(
                f"{self._base_url} answered {reply.status_code} and not as Offhook does; check the base URL."
            )
        raise OffhookError(_sentence(body), code=str(body.get("code", "refused")))


def json_object(content: bytes) -> JsonObject | None:
    """Read an answer's object, empty where it has no content; None where it is something else."""
    if not content:
        return {}
    try:
        value = json.loads(content)
    except ValueError:
        return None
    return cast("JsonObject", value) if isinstance(value, dict) else None


def _sentence(problem: JsonObject) -> str:
    """Join a problem's detail and the fields that it names."""
    errors = problem.get("errors")
    fields = [
        f"{'.'.join(str(part) for part in cast('list[object]', e.get('loc') or []))}: {e.get('msg')}"
        for e in (errors if isinstance(errors, list) else [])
        if isinstance(e, dict)
    ]
    # Where there is one fault, the detail has said it already.
    return str(problem["detail"]) if len(fields) == 1 else " ".join([str(problem["detail"]), *fields])
