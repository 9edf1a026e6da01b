"""Serves the pages of `web/` as they lie there: `/`, `/call`, and below `/web/` what it is made of; on AWS a bucket does."""

import json
import mimetypes
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

WEB = Path(__file__).parents[2] / "web"
HEADERS: dict[str, str] = json.loads((WEB / "headers.json").read_text(encoding="utf-8"))
"""What goes with every file: the same here and on AWS."""

# Asked each time whether it has changed: whoever works on a page sees what they have just written.
_REPLY_HEADERS = {**HEADERS, "Cache-Control": "no-cache"}


def page_routes() -> list[BaseRoute]:
    """Return the routes, which stand beside the API."""
    # Some systems call modules plain text, and browsers run none of those.
    mimetypes.add_type("text/javascript", ".js")
    return [Route("/", _console), Route("/call", _call), Mount("/web", _Files(directory=WEB))]


async def _console(_: Request) -> Response:
    return FileResponse(WEB / "index.html", headers=_REPLY_HEADERS)


async def _call(_: Request) -> Response:
    return FileResponse(WEB / "call.html", headers=_REPLY_HEADERS)


class _Files(StaticFiles):
    """The files below `web/`, with the headers of pages."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(_REPLY_HEADERS)
        return response
