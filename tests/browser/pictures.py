"""Takes the pictures of `/call` that the documents show: before, during and after a call, light and dark."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.browser.conftest import record, spoken
from tests.browser.test_call_page import ALLOWED, call, line, open_call_page
from tests.support.browser import Page, chromium
from tests.support.whole_install import WholeInstall, whole_install

SCHEMES = ("light", "dark")
SAYS = {10.0: "no another day", 18.0: "thursday", 24.0: "yes that is right"}


async def take_pictures(install: WholeInstall, work: Path, folder: Path) -> None:
    """Talk to the demo agent in a browser, with a picture of each part of the call."""
    microphone = work / "microphone.wav"
    said = await spoken(*SAYS.values())
    record(microphone, {at_s: said[text] for at_s, text in SAYS.items()})
    heard = f"--use-file-for-fake-audio-capture={microphone}%noloop"
    async with chromium(work / "profile", ALLOWED, heard, "--hide-scrollbars") as page:
        await page.ask(
            "Emulation.setDeviceMetricsOverride", width=960, height=680, deviceScaleFactor=1, mobile=False
        )
        await open_call_page(page, install)
        await _take(page, folder, "before")
        await call(page, install)
        await page.until(line("agent", "Which weekday"), within_s=60)
        await _take(page, folder, "during")
        await page.until("document.body.dataset.state === 'over'", within_s=60)
        await page.until("document.querySelector('#end').textContent.includes('rescheduled')")
        await _take(page, folder, "after")


async def _take(page: Page, folder: Path, part: str) -> None:
    for scheme in SCHEMES:
        wanted = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        await page.ask("Emulation.setEmulatedMedia", features=wanted)
        (folder / f"call-{part}-{scheme}.png").write_bytes(await page.picture())


def main(folder: Path) -> None:
    """Take them all into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work, whole_install(Path(work) / "install") as install:
        asyncio.run(take_pictures(install, Path(work), folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
