"""The docs function as an ASGI application."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from functions.docs.routes import DocsRoutes
from functions.http.app import create_app as create_http_app

_STORED = Path(__file__).with_name("openapi.json")


def create_app() -> FastAPI:
    """Make the application that shows the checked-in document of all functions."""
    app = create_http_app("Offhook documents", [])
    app.include_router(DocsRoutes(_stored_document).router())
    return app


@cache
def _stored_document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(_STORED.read_text(encoding="utf-8"))
    return document
