"""Makes a FastAPI application of routers, the same way for each function and for all of them together."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from functions.http.authentication import SECURITY_SCHEMES
from functions.http.docs_page import docs_page
from functions.http.errors import on_http_error, on_invalid_request, on_offhook_error
from functions.http.requests import RequestGuard
from functions.http.routing import PROBLEM_SCHEMA
from offhook.errors import OffhookError
from offhook.telephony.links import API_PATH

_DESCRIPTION = (
    "Answers and places phone calls with an AI agent. Every request carries an API key in the header "
    "`X-API-Key` (or as HTTP Basic password); errors are `application/problem+json` with a `detail` to act on."
)


class Application(FastAPI):
    """A FastAPI application whose document also names our keys and problems."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            document = super().openapi()
            components = document.setdefault("components", {})
            components["securitySchemes"] = SECURITY_SCHEMES
            components.setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
        return super().openapi()


def create_app(title: str, routers: Sequence[APIRouter], *, is_published: bool = False) -> FastAPI:
    """Make an application of routers below /api/v1; a published one also serves /openapi.json and /docs."""
    app = Application(
        title=title,
        version="1",
        description=_DESCRIPTION,
        openapi_url="/openapi.json" if is_published else None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # A body without a Content-Type is taken as JSON: nothing else is taken at all.
        strict_content_type=False,
        middleware=[Middleware(RequestGuard)],
        exception_handlers={
            OffhookError: on_offhook_error,
            RequestValidationError: on_invalid_request,
            HTTPException: on_http_error,
        },
    )
    for router in routers:
        app.include_router(router, prefix=API_PATH)
    app.add_api_route(
        "/healthz", _healthz, operation_id="getHealth", summary="Say that we are up", tags=["health"]
    )
    if is_published:
        _add_docs(app)
    return app


async def _healthz() -> dict[str, str]:
    return {"status": "ok"}


def _add_docs(app: FastAPI) -> None:
    async def docs() -> HTMLResponse:
        return HTMLResponse(docs_page(app.openapi()))

    app.add_api_route("/docs", docs, include_in_schema=False)
