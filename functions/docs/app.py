"""The docs function as an ASGI application."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from functions.docs.routes import DocsRoutes
from functions.http.errors import on_http_error
from functions.http.requests import RequestGuard
from functions.http.spellings import Spellings

_STORED = Path(__file__).with_name("openapi.json")


def create_app() -> Starlette:
    """Make the application that shows the checked-in document of all functions."""
    app = Starlette(
        routes=[*DocsRoutes(_stored_document).routes(), Route("/healthz", get_health)],
        middleware=[Middleware(RequestGuard), Middleware(Spellings)],
        exception_handlers={HTTPException: on_http_error},
    )
    # What `Allow` is made of where several routes share an address, which none do here.
    app.state.methods = []
    return app


async def get_health(_: Request) -> Response:
    """Say that we are up."""
    return JSONResponse({"status": "ok"})


@cache
def _stored_document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(_STORED.read_text(encoding="utf-8"))
    return document
