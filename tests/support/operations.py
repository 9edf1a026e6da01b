"""The operations of the OpenAPI document, and requests made of their own examples."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

import functions
from offhook.organizations.model import Scope
from tests.support.rest import Install

# As it is checked in, which tests/unit/test_openapi.py holds against the code: making it takes a second.
STORED = Path(functions.__file__).parent / "docs" / "openapi.json"
DOCUMENT: dict[str, Any] = json.loads(STORED.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation that asks for a key."""

    method: str
    path: str
    details: dict[str, Any] = field(repr=False)

    @property
    def scope(self) -> Scope | None:
        """What its key must have; None where any key does."""
        scope = self.details.get("x-required-scope")
        return Scope(scope) if scope else None

    @property
    def example_body(self) -> Any:
        """Return the document's example of the request body; None where there is no body."""
        content = self.details.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            return None
        if "example" in content:
            return content["example"]
        # A body that may be left out is "this or null".
        schema = content["schema"].get("anyOf", [content["schema"]])[0]
        return DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["examples"][0]

    def url(self, ids: dict[str, str]) -> str:
        """Return the address of the things with these ids, by the names of the path parameters."""
        names = {p["name"] for p in self.details.get("parameters", []) if p["in"] == "path"}
        assert names <= ids.keys(), (
            f"a new kind of thing, make one in tests/support/tenancy.py: {names - ids.keys()}"
        )
        return self.path.format(**{name: quote(value, safe="") for name, value in ids.items()})

    def send(
        self, install: Install, ids: dict[str, str], headers: dict[str, str], **options: Any
    ) -> httpx.Response:
        """Send the operation's own example, or another `json`, to the things with these ids."""
        options.setdefault("json", self.example_body)
        return install.http.request(self.method, self.url(ids), headers=headers, **options)


OPERATIONS = {
    details["operationId"]: Operation(method=method, path=path, details=details)
    for path, methods in DOCUMENT["paths"].items()
    for method, details in methods.items()
    if "security" in details
}
