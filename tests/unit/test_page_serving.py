"""The pages of `web/` as the local install serves them: `/call`, its parts, and what goes with each file."""

import gzip
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from posixpath import normpath

import httpx
import pytest
from starlette.applications import Starlette

from local.generated.openapi import described_ports
from local.install.pages import WEB, page_routes
from local.install.rest import create_rest
from tests.support.tables import each_of

PAGES_SOURCE = (WEB / "console/pages.js").read_text(encoding="utf-8")
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
MEDIA = "http://media.test:9000"
FILES = sorted(str(file.relative_to(WEB)) for file in WEB.rglob("*") if file.suffix in KINDS)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(Starlette(routes=page_routes(MEDIA))) as client:
        yield client


def client_of(app: Starlette) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://offhook.test")


async def test_the_page_is_served_with_a_policy_that_runs_nothing_foreign(http: httpx.AsyncClient) -> None:
    reply = await http.get("/call")
    assert reply.text == (WEB / "call.html").read_text(encoding="utf-8")
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(
        part.strip().partition(" ")[::2] for part in reply.headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'self'"
    # Recordings are streamed from where they lie, and files of contacts are sent there.
    assert policy["media-src"].split() == ["'self'", "blob:", MEDIA]
    assert policy["connect-src"].split() == ["'self'", MEDIA]
    assert not re.search("unsafe|https?:|data:|[*{}]", " ".join(policy.values()).replace(MEDIA, ""))
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert reply.headers["permissions-policy"].startswith("microphone=(self)")


async def test_the_pages_stand_beside_the_api() -> None:
    async with client_of(create_rest(described_ports())) as http:
        assert (await http.get("/")).text == (WEB / "index.html").read_text(encoding="utf-8")
        assert (await http.get("/call")).status_code == 200
        assert (await http.get("/web/frames.js")).status_code == 200


async def test_each_file_has_its_kind_and_the_same_headers(http: httpx.AsyncClient) -> None:
    page = await http.get("/call")
    for file in FILES:
        reply = await http.get(f"/web/{file}")
        assert reply.content == (WEB / file).read_bytes(), file
        assert reply.headers["content-type"].partition(";")[0] == KINDS[Path(file).suffix], file
        for name in (
            "content-security-policy",
            "x-content-type-options",
            "referrer-policy",
            "permissions-policy",
        ):
            assert reply.headers[name] == page.headers[name], (file, name)


async def test_a_file_that_has_not_changed_is_not_sent_again(http: httpx.AsyncClient) -> None:
    first = await http.get("/web/frames.js")
    again = await http.get("/web/frames.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/web/none.js", "/web/../pyproject.toml", "/web/%2e%2e/pyproject.toml"])
async def test_what_is_not_below_web_is_not_there(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(path)).status_code == 404


async def test_whatever_a_file_loads_is_served_too(http: httpx.AsyncClient) -> None:
    loaded_by: dict[str, str] = {}
    for file in FILES:
        text = (WEB / file).read_text(encoding="utf-8")
        loaded = re.findall(r'(?:src|href)="(/[^"]+)"', text)
        loaded += [normpath(f"/web/{file}/../{name}") for name in re.findall(r'from "(\.[^"]+)"', text)]
        loaded_by |= dict.fromkeys(loaded, file)
    for path, file in loaded_by.items():
        assert (await http.get(path)).status_code == 200, (path, file)


@each_of([(file,) for file in FILES if file.endswith((".html", ".js")) and not file.startswith("vendor/")])
def test_no_file_needs_what_the_policy_forbids_or_reads_text_as_markup(file: str) -> None:
    text = (WEB / file).read_text(encoding="utf-8")
    # An object of styles is set property by property, which the policy allows; a text of them is markup.
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=(?!\$\{\{)|\son[a-z]+=\"|javascript:", text)
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", text
    )


def test_the_first_view_of_the_console_is_small() -> None:
    first = re.search(r'export const FIRST = "(\w+)"', PAGES_SOURCE)
    assert first
    page = re.search(rf'^  {first[1]}: .*?import\("\./(.+?)"\)', PAGES_SOURCE, re.DOTALL | re.MULTILINE)
    loaded = {WEB / "index.html"}
    if page:
        loaded.add(WEB / "console" / page[1])
    waiting = list(loaded)
    while waiting:
        new = set(loaded_by(waiting.pop())) - loaded
        loaded |= new
        waiting += new
    assert WEB / "vendor/ui.js" in loaded
    assert sum(len(gzip.compress(file.read_bytes())) for file in loaded) < 150_000


def loaded_by(file: Path) -> Iterator[Path]:
    """Yield what a page or a module loads at once."""
    text = file.read_text(encoding="utf-8")
    yield from (WEB.parent / path for path in re.findall(r'(?:src|href)="/(web/[^"]+)"', text))
    if file.suffix == ".js":
        for name in re.findall(r'(?:from|^import) ?"(\.[^"]+)"', text, re.MULTILINE):
            yield (file.parent / name).resolve()


def test_every_text_stands_out_from_its_ground_in_light_and_in_dark() -> None:
    grounds = {
        "ink": ("ground", "card", "caller", "agent"),
        "faint": ("ground", "card", "caller", "agent"),
        "accent": ("card",),
        "on-accent": ("accent",),
        "on-danger": ("danger",),
        "on-warning": ("warning",),
    }
    light, dark = schemes()
    assert light.keys() == dark.keys()
    for colours in (light, dark):
        for text, behind in grounds.items():
            for ground in behind:
                assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
        # WCAG 2.2, 1.4.11: where a field begins.
        assert contrast(colours["field-edge"], colours["card"]) >= 3


def schemes() -> tuple[dict[str, str], dict[str, str]]:
    css = (WEB / "theme.css").read_text(encoding="utf-8")
    roots = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    light, dark = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", root)) for root in roots)
    return light, dark


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2.2 counts it."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
