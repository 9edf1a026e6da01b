"""The addresses that describe the API; they need no key and read no store.

Starlette's routes, not FastAPI's, which takes as long to import as all the rest of this function.
"""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from functions.http.document.docs_page import docs_page


class DocsRoutes:
    """Shows an OpenAPI document, for programs and for people."""

    def __init__(self, document: Callable[[], dict[str, Any]]) -> None:
        self._document = document

    def routes(self) -> list[Route]:
        """Return the routes, which stand beside the API and are not part of its document."""
        return [Route("/openapi.json", self.openapi), Route("/docs", self.docs)]

    async def openapi(self, _: Request) -> Response:
        return JSONResponse(self._document())

    async def docs(self, _: Request) -> Response:
        return HTMLResponse(docs_page(self._document()))
