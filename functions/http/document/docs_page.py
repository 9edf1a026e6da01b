"""The page at /docs: every route with a cURL to copy, made from the OpenAPI document, without scripts from elsewhere."""

from collections.abc import Iterator
from html import escape
from typing import Any

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "pre{background:#f4f4f2;padding:.8rem;overflow-x:auto;border-radius:6px;font-size:.85rem}"
    "summary{cursor:pointer;padding:.3rem 0}code b{display:inline-block;min-width:4.5rem}"
    "td,th{padding:.1rem .8rem .1rem 0;text-align:left;vertical-align:top}"
)


def docs_page(document: dict[str, Any]) -> str:
    """Return the page of an OpenAPI document."""
    info = document["info"]
    routes = "".join(_routes(document))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(info["title"])}</title>'
        f"<style>{_STYLE}</style><h1>{escape(info['title'])}</h1><p>{escape(info.get('description', ''))}</p>"
        f'<p>The same for programs: <a href="/openapi.json">openapi.json</a></p>{routes}</html>'
    )


def _routes(document: dict[str, Any]) -> Iterator[str]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield _route(method.upper(), path, operation)


def _route(method: str, path: str, operation: dict[str, Any]) -> str:
    curl = escape(operation["x-codeSamples"][0]["source"])
    return (
        f"<details><summary><code><b>{method}</b> {escape(path)}</code> {escape(operation['summary'])}</summary>"
        f"<p>{escape(operation.get('description', ''))}</p><pre>{curl}</pre>"
        f"<table>{''.join(_parameters(operation))}{''.join(_responses(operation))}</table></details>"
    )


def _parameters(operation: dict[str, Any]) -> Iterator[str]:
    for parameter in operation.get("parameters", []):
        about = escape(parameter.get("description", ""))
        yield f"<tr><td><code>{escape(parameter['name'])}</code></td><td>{parameter['in']} {about}</td></tr>"


def _responses(operation: dict[str, Any]) -> Iterator[str]:
    for status, response in operation["responses"].items():
        yield f"<tr><td>{escape(status)}</td><td>{escape(response['description'])}</td></tr>"
