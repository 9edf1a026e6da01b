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
# Who is on the phone when the lists of calls are taken: one who is silent, and one who moves their appointment.
_TALKING = ("+15555550102", "+15555550101")
_IS_SETTLED = "document.querySelector('main')?.innerText && !document.body.innerText.includes('Loading') && !document.querySelector('[aria-busy=true]')"
# What a place shows besides, once it shows all that it has.
_SIGNS = {
    "full live": "[...document.querySelectorAll('td.said')].filter((cell) => cell.innerText).length > 1",
    "full analytics": "document.querySelectorAll('.plot canvas').length > 4",
    "live-call": "document.querySelectorAll('.lines .line').length > 2",
    "run": "document.querySelector('.waveform canvas')?.width > 300 && document.querySelector('audio')?.duration > 1",
    "agent": "document.querySelector('svg')",
    "campaign": "/[1-9] of [0-9]+ done/.test(document.body.innerText)",
}


async def take_console_pictures(install: WholeInstall, folder: Path) -> None:
    """Show the console of a new install, then of one that has called people."""
    async with chromium(viewport=SIZE, reduced_motion="reduce") as tab:
        page = tab.page
        await page.goto(f"{install.base_url}/")
        await _take(page, folder / "console-sign-in")
        await sign_in(page, install)
        for place in LISTS:
            await _show(page, place, folder, "empty")
        run_id = await asyncio.to_thread(_call_people, install)
        live = await asyncio.to_thread(_begin_calls, install)
        await _show(page, "live", folder, "full")
        await _show(page, f"live/sess_{live}", folder, "live-call")
        campaign = await asyncio.to_thread(_begin_campaign, install)
        await _show(page, f"campaigns/{campaign}", folder, "campaign")
        await _show(page, f"runs/{run_id}", folder, "run")
        await _show(page, f"agents/{install.first_line['agent_uuid']}", folder, "agent")
        for place in (*LISTS[1:], "agents"):
            await _show(page, place, folder, "full")


def _call_people(install: WholeInstall) -> int:
    """Call some, one after the other; return the run of who had the most to say."""
    runs = {number: install.call(number, customer_name="Ada", appointment_day="Monday") for number in _CALLED}
    for run_id in runs.values():
        install.wait_until_over(run_id)
    return runs["+15555550101"]


def _begin_calls(install: WholeInstall) -> int:
    """Have people on the phone; return the run of one who talks."""
    talking = [install.call(number, customer_name="Grace") for number in _TALKING]
    for run_id in talking:
        install.wait_for_event(run_id, lambda event: event["type"] == "transcript")
    return talking[-1]


def _begin_campaign(install: WholeInstall) -> str:
    people = [{"phone_number": number} for number in _CALLED[:3]]
    rules = {"agent_uuid": install.first_line["agent_uuid"], "respects_calling_hours": False}
    made: str = install.http.post("/api/v1/campaigns", json={"name": "Reminders", **rules}).json()["id"]
    install.http.post(f"/api/v1/campaigns/{made}/contacts", json={"contacts": people}).raise_for_status()
    install.http.post(f"/api/v1/campaigns/{made}/start").raise_for_status()
    return made


async def _show(page: Page, place: str, folder: Path, what: str) -> None:
    """Go to a place, and take it once it is all there; `what` is its name, or how much a list has."""
    base_url = page.url.partition("#")[0]
    await page.goto("about:blank")  # so that nothing of the place before is taken for this one's
    await page.goto(f"{base_url}#/{place}")
    is_list = what in ("empty", "full")
    sign = _SIGNS.get(f"{what} {place}" if is_list else what, "true")
    await until(page, f"{_IS_SETTLED} && ({sign})", within_s=60)
    await _take(page, folder / f"console-{place.replace('/', '-') + '-' + what if is_list else what}")


async def _take(page: Page, file: Path) -> None:
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        await page.screenshot(path=file.with_name(f"{file.name}-{scheme}.png"), full_page=True)
