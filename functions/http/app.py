"""Makes a FastAPI application of routers, the same way for each function and for all of them together."""

from collections.abc import Sequence
from typing import Any, Literal

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import compile_path

from functions.http.document.openapi import complete, operation_id
from functions.http.errors import on_http_error, on_offhook_error
from functions.http.invalid import on_invalid_request
from functions.http.requests import RequestGuard
from functions.http.spellings import Spellings
from offhook.documents import examples
from offhook.errors import OffhookError
from offhook.telephony.links import API_PATH

_DESCRIPTION = (
    "Answers and places phone calls with an AI agent. Every request carries an API key in the header "
    "`X-API-Key` (or as HTTP Basic password); errors are `application/problem+json` with a `detail` to act on."
)


class Application(FastAPI):
    """A FastAPI application whose document also says what is alike for all operations."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            complete(super().openapi())
        return super().openapi()


class Health(BaseModel):
    """Somebody is here to answer."""

    model_config = examples({"status": "ok"})

    status: Literal["ok"] = "ok"


def create_app(routers: Sequence[APIRouter]) -> FastAPI:
    """Make an application of routers below /api/v1, with /healthz beside them."""
    app = Application(
        title="Offhook",
        version="1",
        description=_DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
        # A body without a Content-Type is taken as JSON: nothing else is taken at all.
        strict_content_type=False,
        middleware=[Middleware(RequestGuard), Middleware(Spellings)],
        exception_handlers={
            OffhookError: on_offhook_error,
            RequestValidationError: on_invalid_request,
            HTTPException: on_http_error,
        },
    )
    for router in routers:
        app.include_router(router, prefix=API_PATH)
    # What each address takes, for replies that say so.
    app.state.methods = [
        (compile_path(API_PATH + route.path)[0], route.methods)
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute)
    ]
    app.add_api_route("/healthz", get_health, tags=["health"])
    return app


async def get_health() -> Health:
    """Say that we are up."""
    return Health()
