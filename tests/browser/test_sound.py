"""The sound of a call by itself, in a real browser: what the microphone hears is played again, without a server between."""

import json
from typing import Any

from playwright.async_api import Page

from tests.browser.conftest import Measured, Opening
from tests.browser.test_call_page import ALLOWED, VOICE_HOLD_MS
from tests.support.browser import until
from tests.support.whole_install import WholeInstall

_OPEN = """(async () => {
  const {openSound} = await import('/web/audio/sound.js');
  window.told = [];
  window.tell = (kind, value) => told.push({kind, value, at: performance.now()});
  window.sound = await openSound({
    chunk: (chunk) => window.isEcho && sound.play(chunk),
    level: () => {},
    played: (name) => tell('played', name),
    sounding: (who, isSounding) => tell(who, isSounding),
    trouble: (sentence) => tell('trouble', sentence),
  });
})()"""
# Two seconds of a loud square wave, and a mark behind it.
_SPEAK = """(() => {
  sound.play(Uint8Array.from({length: 16000}, (_, i) => (i & 8 ? 0x90 : 0x10)).buffer);
  sound.mark('end');
})()"""


async def open_sound(page: Page, install: WholeInstall) -> None:
    await page.goto(f"{install.base_url}/call")
    # Somebody has clicked, as before each call.
    await page.click("h1")
    await page.evaluate(_OPEN)


async def told(page: Page, kind: str, value: Any) -> float:
    """Wait until this was told; return when, in the page's milliseconds."""
    found = await until(
        page, f"told.find((each) => each.kind === '{kind}' && each.value === {json.dumps(value)})?.at"
    )
    return float(found)


async def test_what_the_microphone_hears_is_played(
    install: WholeInstall, opening: Opening, measured: Measured
) -> None:
    async with opening(says={2: "yes that works"}, **ALLOWED) as tab:
        page = tab.page
        await open_sound(page, install)
        await page.evaluate("window.isEcho = true")
        heard = await told(page, "agent", True)
        measured(
            "from the microphone's worklet to the loudspeaker's", heard - await told(page, "caller", True)
        )


async def test_a_mark_is_told_when_all_before_it_was_played(install: WholeInstall, opening: Opening) -> None:
    async with opening(**ALLOWED) as tab:
        page = tab.page
        await open_sound(page, install)
        await page.evaluate(_SPEAK)
        played = await told(page, "played", "end")
        began, silent = await told(page, "agent", True), await told(page, "agent", False)
        assert began < played < silent
        assert played - began > 1500


async def test_clear_silences_what_is_still_to_be_played_and_tells_its_marks(
    install: WholeInstall, opening: Opening, measured: Measured
) -> None:
    async with opening(**ALLOWED) as tab:
        page = tab.page
        await open_sound(page, install)
        await page.evaluate(_SPEAK)
        began = await told(page, "agent", True)
        cleared = await page.evaluate("(() => { sound.clear(); return performance.now(); })()")
        silent = await told(page, "agent", False)
        assert await told(page, "played", "end") - began < 1500
        assert silent - began < 1500
        measured("from clear to silence", silent - cleared - VOICE_HOLD_MS)
