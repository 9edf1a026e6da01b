"""What axe finds on a page that keeps somebody out."""

import json
from pathlib import Path
from typing import Any

from playwright.async_api import Page

_AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


async def serious(page: Page) -> list[str]:
    """Return what it finds that is serious or worse, with the first elements of each."""
    if await page.evaluate("typeof axe === 'undefined'"):
        await page.evaluate(_AXE)
    found: dict[str, Any] = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']}: {json.dumps([node['html'] for node in each['nodes'][:3]])}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
    ]
