"""The addresses that describe the API; they need no key and read no store."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from functions.http.docs_page import docs_page

_ADDRESSES = {"name": "Offhook", "docs": "/docs", "openapi": "/openapi.json", "health": "/healthz"}


class DocsRoutes:
    """Shows an OpenAPI document, for programs and for people."""

    def __init__(self, document: Callable[[], dict[str, Any]]) -> None:
        self._document = document

    def router(self) -> APIRouter:
        """Return the routes, which stand beside the API and are not part of its document."""
        router = APIRouter(include_in_schema=False)
        for path, endpoint in (
            ("/openapi.json", self.openapi),
            ("/docs", self.docs),
            ("/", self.front_page),
        ):
            router.add_api_route(path, endpoint, response_model=None)
        return router

    async def openapi(self) -> Response:
        return JSONResponse(self._document())

    async def docs(self) -> Response:
        return HTMLResponse(docs_page(self._document()))

    async def front_page(self, request: Request) -> Response:
        """Show whoever opens the bare address where to read on."""
        if "text/html" in request.headers.get("accept", ""):
            return RedirectResponse("/docs", status_code=302)
        return JSONResponse(_ADDRESSES)
