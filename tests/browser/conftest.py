"""Fixtures of browser tests: one install, and people who speak into a browser's microphone."""

import asyncio
import wave
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from local.processes.children import start_together
from streamer.media import mulaw
from streamer.speech.embedded.offline import OfflineSynthesiser
from streamer.speech.ports import Voice
from tests.support.browser import Tab, chromium
from tests.support.whole_install import WholeInstall, whole_install

_RATE_HZ = 8000
_SPEAKER = Voice(engine="offline", name="en-us+f3")

MEASURED = pytest.StashKey[list[str]]()

Measured = Callable[[str, float], None]
Opening = Callable[..., AbstractAsyncContextManager[Tab]]


@pytest.fixture
def measured(pytestconfig: pytest.Config) -> Measured:
    """Return what takes a duration in milliseconds, to be shown after the tests: it hangs on the machine."""
    lines = pytestconfig.stash.setdefault(MEASURED, [])
    return lambda what, ms: lines.append(f"{what}: {ms:.0f} ms")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(MEASURED, []):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def install(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeInstall]:
    with whole_install(tmp_path_factory.mktemp("install")) as running:
        yield running


@pytest.fixture(scope="session")
def phrases() -> dict[str, bytes]:
    """Return what people say in these tests, mu-law by their words."""
    return asyncio.run(spoken("yes that works", "no another day", "thursday"))


async def spoken(*texts: str) -> dict[str, bytes]:
    """Return texts as somebody says them, mu-law by their words."""
    async with AsyncExitStack() as stack:
        (speech,) = await start_together(stack, ("local.speech", "--port", "0"))
        synthesiser = OfflineSynthesiser(str(speech.ready["synthesise_url"]))
        return {
            text: b"".join([piece async for piece in synthesiser.synthesise(text, voice=_SPEAKER)])
            for text in texts
        }


@pytest.fixture
async def console(install: WholeInstall) -> AsyncIterator[Page]:
    """Return a page of the console that is signed in, and shows what it shows first; a complaint fails the test."""
    async with chromium(base_url=install.base_url) as tab:
        await sign_in(tab.page, install)
        yield tab.page
        assert tab.complaints == []


async def sign_in(
    page: Page, install: WholeInstall, *, is_kept: bool = True, api_key: str | None = None
) -> None:
    """Sign in with the install's key, or another one, as a person does."""
    await page.goto(f"{install.base_url}/")
    await page.get_by_label("API key").fill(api_key or install.first_line["api_key"])
    await page.get_by_label("Keep it").set_checked(is_kept)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("button", name="Sign out").wait_for()


@pytest.fixture
def opening(tmp_path: Path, phrases: dict[str, bytes]) -> Opening:
    """Return what opens a browser: `says` lists what its microphone hears, by the second at which that begins."""

    @asynccontextmanager
    async def open_browser(
        *flags: str, says: dict[float, str] | None = None, **context: Any
    ) -> AsyncIterator[Tab]:
        microphone = tmp_path / "microphone.wav"
        record(microphone, {at_s: phrases[text] for at_s, text in (says or {}).items()})
        heard = f"--use-file-for-fake-audio-capture={microphone}%noloop"
        async with chromium(heard, *flags, **context) as tab:
            yield tab
            assert tab.complaints == []

    return open_browser


def record(file: Path, says: dict[float, bytes]) -> None:
    """Write a minute of a quiet room in which somebody speaks."""
    room = bytearray(b"\xff" * 60 * _RATE_HZ)
    for at_s, said in says.items():
        begin = int(at_s * _RATE_HZ)
        room[begin : begin + len(said)] = said
    with wave.open(str(file), "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(_RATE_HZ)
        written.writeframes(mulaw.decode(bytes(room)))
