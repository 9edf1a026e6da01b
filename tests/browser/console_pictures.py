"""Takes the pictures of every page of the console: empty and full, light and dark."""

import asyncio
from pathlib import Path
from typing import Literal

from playwright.async_api import Page

from tests.browser.conftest import sign_in
from tests.support.browser import chromium, until
from tests.support.whole_install import WholeInstall

SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
SIZE = {"width": 1100, "height": 760}
SETTINGS = ("carrier", "keys", "tools", "credentials", "knowledge", "limits", "do-not-call", "webhooks")
LISTS = ("live", "runs", "campaigns", "analytics", *(f"settings/{part}" for part in SETTINGS))

# Somebody who confirms, one who moves their appointment, nobody, a machine, one who wants no calls.
_CALLED = ("+15555550100", "+15555550101", "+15555550106", "+15555550113", "+15555550140", "+15555550110")
_SILENT = "+15555550102"
_IS_SETTLED = "!document.body.innerText.includes('Loading') && !document.querySelector('[aria-busy=true]')"


async def take_console_pictures(install: WholeInstall, folder: Path) -> None:
    """Show the console of a new install, then of one that has called people."""
    async with chromium(viewport=SIZE, reduced_motion="reduce") as tab:
        await tab.page.goto(f"{install.base_url}/")
        await _take(tab.page, folder / "console-sign-in")
        await sign_in(tab.page, install)
        for name in LISTS:
            await _show(tab.page, name, folder, "empty")
        places = await asyncio.to_thread(fill, install)
        for name in (*LISTS, "agents"):
            await _show(tab.page, name, folder, "full")
        for name, place in places.items():
            await _show(tab.page, place, folder, name)


def fill(install: WholeInstall) -> dict[str, str]:
    """Call people, by triggers and by a campaign; return the places of what can be looked at, by name."""
    for number in _CALLED:
        install.wait_until_over(install.call(number, customer_name="Ada", appointment_day="Monday"))
    shown = max(install.run_ids()[-2:])
    campaign = _campaign(install)
    live = install.call(_SILENT, customer_name="Grace")
    install.wait_for_event(live, lambda event: event["type"] == "transcript")
    return {
        "live-call": f"live/sess_{live}",
        "run": f"runs/{shown}",
        "agent": f"agents/{install.first_line['agent_uuid']}",
        "campaign": f"campaigns/{campaign}",
    }


def _campaign(install: WholeInstall) -> str:
    people = [{"phone_number": number} for number in _CALLED[:3]]
    rules = {"agent_uuid": install.first_line["agent_uuid"], "respects_calling_hours": False}
    made: str = install.http.post("/api/v1/campaigns", json={"name": "Reminders", **rules}).json()["id"]
    install.http.post(f"/api/v1/campaigns/{made}/contacts", json={"contacts": people}).raise_for_status()
    install.http.post(f"/api/v1/campaigns/{made}/start").raise_for_status()
    return made


async def _show(page: Page, place: str, folder: Path, what: str) -> None:
    await page.evaluate(f"location.hash = '#/{place}'")
    await until(page, _IS_SETTLED)
    name = place.partition("/")[0] if what not in ("empty", "full") else f"{place.replace('/', '-')}-{what}"
    await _take(page, folder / f"console-{name if what in ('empty', 'full') else what}")


async def _take(page: Page, file: Path) -> None:
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        await page.screenshot(path=file.with_name(f"{file.name}-{scheme}.png"))
