"""A real Chromium without a window, driven by Playwright: it sees, clicks and types as a person does."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

SHOWS_WITHIN_S = 20.0
WINDOW = {"width": 1100, "height": 800}
_LOOK_AGAIN_MS = 20
# A microphone that plays a file, in place of the machine's own; whether a page may have it is asked as ever.
_FAKE_MICROPHONE = "--use-fake-device-for-media-stream"


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of a browser. What its page complains of (errors of scripts, of its policy, of what it could not load) is kept."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        self.page.on("console", lambda message: self.complaints.extend(_complaint(message)))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))


def _complaint(message: ConsoleMessage) -> list[str]:
    is_one = message.type in ("error", "warning")
    return [f"{message.text} {message.location.get('url', '')}"] if is_one else []


async def until(page: Page, expression: str, *, within_s: float = SHOWS_WITHIN_S) -> Any:
    """Wait until an expression of JavaScript is true in a page; return its value.

    Playwright's own `wait_for_function` evaluates texts in the page, which the pages' policy forbids.
    """
    try:
        async with asyncio.timeout(within_s):
            return await page.evaluate(once_true(expression))
    except TimeoutError:
        raise AssertionError(f"never: {expression}\n{await page.inner_text('body')}") from None


def once_true(expression: str) -> str:
    """Return the promise of an expression's value, once that is true."""
    return (
        f"new Promise((found) => {{ const look = () => {{ const is = ({expression}); "
        f"is ? found(is) : setTimeout(look, {_LOOK_AGAIN_MS}); }}; look(); }})"
    )


@asynccontextmanager
async def launched(*flags: str) -> AsyncIterator[Browser]:
    """Run a browser for the time of the block; `$CHROMIUM` names another than the one on the PATH."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert program, "There is no Chromium on the PATH: run make test-browser, or name one by CHROMIUM=…."
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program,
            args=[_FAKE_MICROPHONE, *flags],
            # It plays everything at once else, where a person has to click.
            ignore_default_args=["--autoplay-policy=no-user-gesture-required", "--mute-audio"],
            # In a container everybody is root, whom its sandbox does not serve.
            chromium_sandbox=os.geteuid() != 0,
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def tab_of(browser: Browser, **context: Any) -> AsyncIterator[Tab]:
    """Open a tab that shares nothing with others, for the time of the block; `context` goes to Playwright's own context."""
    made = await browser.new_context(**{"viewport": WINDOW, **context})
    try:
        tab = Tab(await made.new_page())
        tab.listen()
        yield tab
        # What is asked for still needs no answer any more.
        await tab.page.unroute_all(behavior="ignoreErrors")
    finally:
        await made.close()


@asynccontextmanager
async def chromium(*flags: str, **context: Any) -> AsyncIterator[Tab]:
    """Run a browser with one tab for the time of the block."""
    async with launched(*flags) as browser, tab_of(browser, **context) as tab:
        yield tab
