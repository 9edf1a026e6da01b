"""The addresses that describe the API; they need no key and read no store.

Starlette's routes, not FastAPI's, which takes as long to import as all the rest of this function.
"""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from functions.http.docs_page import docs_page

_ADDRESSES = {"name": "Offhook", "docs": "/docs", "openapi": "/openapi.json", "health": "/healthz"}


class DocsRoutes:
    """Shows an OpenAPI document, for programs and for people."""

    def __init__(self, document: Callable[[], dict[str, Any]]) -> None:
        self._document = document

    def routes(self) -> list[Route]:
        """Return the routes, which stand beside the API and are not part of its document."""
        return [
            Route("/openapi.json", self.openapi),
            Route("/docs", self.docs),
            Route("/", self.front_page),
        ]

    async def openapi(self, _: Request) -> Response:
        return JSONResponse(self._document())

    async def docs(self, _: Request) -> Response:
        return HTMLResponse(docs_page(self._document()))

    async def front_page(self, request: Request) -> Response:
        """Show whoever opens the bare address where to read on."""
        if "text/html" in request.headers.get("accept", ""):
            return RedirectResponse("/docs", status_code=302)
        return JSONResponse(_ADDRESSES)
