"""Takes the pictures that the documents show: of `/call` before, during and after a call, and of the console."""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.async_api import Page

from tests.browser.conftest import record, spoken
from tests.browser.console_pictures import take_console_pictures
from tests.browser.test_call_page import ALLOWED, call, line, open_call_page
from tests.support.browser import chromium, until
from tests.support.whole_install import WholeInstall, whole_install

SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
SIZE = {"width": 960, "height": 680}
SAYS = {10.0: "no another day", 18.0: "thursday", 24.0: "yes that is right"}


async def take_pictures(install: WholeInstall, work: Path, folder: Path) -> None:
    """Talk to the demo agent in a browser, with a picture of each part of the call."""
    microphone = work / "microphone.wav"
    said = await spoken(*SAYS.values())
    record(microphone, {at_s: said[text] for at_s, text in SAYS.items()})
    heard = f"--use-file-for-fake-audio-capture={microphone}%noloop"
    async with chromium(heard, viewport=SIZE, reduced_motion="reduce", **ALLOWED) as tab:
        page = tab.page
        await open_call_page(page, install)
        await _take(page, folder, "before")
        await call(page, install)
        await until(page, line("agent", "Which weekday"), within_s=60)
        await _take(page, folder, "during")
        await until(page, "document.body.dataset.state === 'over'", within_s=60)
        await until(page, "document.querySelector('#end').textContent.includes('rescheduled')")
        await _take(page, folder, "after")


async def _take(page: Page, folder: Path, part: str) -> None:
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        await page.screenshot(path=folder / f"call-{part}-{scheme}.png")


def main(folder: Path) -> None:
    """Take them all into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work, whole_install(Path(work) / "install") as install:
        asyncio.run(take_console_pictures(install, folder))
        asyncio.run(take_pictures(install, Path(work), folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
