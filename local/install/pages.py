"""Serves the pages of `web/` as they lie there: `/`, `/call`, and below `/web/` what it is made of; on AWS a bucket does."""

import json
import mimetypes
from collections.abc import Mapping
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

WEB = Path(__file__).parents[2] / "web"


def page_routes(media_origin: str) -> list[BaseRoute]:
    """Return the routes, which stand beside the API; pages may load from `media_origin` too, where recordings lie."""
    # Some systems call modules plain text, and browsers run none of those.
    mimetypes.add_type("text/javascript", ".js")
    headers = _headers(media_origin)
    return [
        _page("/", "index.html", headers),
        _page("/call", "call.html", headers),
        Mount("/web", _Files(WEB, headers)),
    ]


def _headers(media_origin: str) -> dict[str, str]:
    """Return what goes with every file: the same here and on AWS."""
    text = (WEB / "headers.json").read_text(encoding="utf-8").replace("{media}", media_origin)
    # Asked each time whether it has changed: whoever works on a page sees what they have just written.
    return {**json.loads(text), "Cache-Control": "no-cache"}


def _page(path: str, file: str, headers: Mapping[str, str]) -> Route:
    async def page(_: Request) -> Response:
        return FileResponse(WEB / file, headers=headers)

    return Route(path, page)


class _Files(StaticFiles):
    """The files below `web/`, with the headers of pages."""

    def __init__(self, directory: Path, headers: Mapping[str, str]) -> None:
        super().__init__(directory=directory)
        self._headers = headers

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(self._headers)
        return response
