"""Prints the published OpenAPI document: `make generate` writes it to functions/docs/openapi.json."""

import json
from typing import Self, cast

from fastapi import FastAPI

from local.install.rest import create_rest
from offhook.adapters.carriers.by_provider import dialects
from offhook.ports import Ports
from offhook.settings import Settings
from offhook.signing import InstallSecret


class _Described:
    """Stands for all that routes are composed of, which are only described here and never called."""

    settings = Settings()
    dialects = dialects()
    install_secret = InstallSecret(current="")

    def __getattr__(self, _: str) -> Self:
        return self


def described_ports() -> Ports:
    """Return ports on which routes can be described."""
    return cast(Ports, _Described())


def openapi_text(rest: FastAPI) -> str:
    """Return the application's document as it is checked in."""
    return json.dumps(rest.openapi(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(openapi_text(create_rest(described_ports())), end="")
