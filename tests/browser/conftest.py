"""Fixtures of browser tests: one install and one browser for all, and people who speak into its microphone."""

import base64
import io
import json
import wave
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import IO, Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from local.processes.children import start_together
from streamer.media import mulaw
from streamer.speech.embedded.offline import OfflineSynthesiser
from streamer.speech.ports import Voice
from tests.support.browser import Tab, launched, tab_of
from tests.support.whole_install import WholeInstall, whole_install

_RATE_HZ = 8000
_SPEAKER = Voice(engine="offline", name="en-us+f3")

# The first call is judged so, each other one better.
_JUDGEMENTS = [
    {
        "when": {"must_call": "judge"},
        "reply": {"parts": [{"kind": "tool", "name": "judge", "arguments": judgement}]},
        "times": times,
    }
    for judgement, times in (
        ({"summary": "It was fine.", "score": 8, "sentiment": "neutral"}, 1),
        ({"summary": "It was better than that.", "score": 9, "sentiment": "positive"}, None),
    )
]

# A microphone that hears what `say` says, when it says it: a file begins to be heard at a second of its own.
_TALKER = """navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext();
  const microphone = context.createMediaStreamDestination();
  window.speak = async (wav) => {
    const bytes = Uint8Array.from(atob(wav), (sign) => sign.charCodeAt(0));
    const voice = new AudioBufferSourceNode(context, { buffer: await context.decodeAudioData(bytes.buffer) });
    voice.connect(microphone);
    voice.start();
  };
  return microphone.stream;
}"""

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all tests of this folder on one loop: a browser can't be shared otherwise."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def install(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[WholeInstall]:
    """Return an install whose language model does nothing but judge calls."""
    home = tmp_path_factory.mktemp("install")
    rules = home / "judgements.json"
    rules.write_text(json.dumps(_JUDGEMENTS))
    async with AsyncExitStack() as stack:
        (models,) = await start_together(stack, ("local.models.server", "--rules", str(rules)))
        env = {"OFFHOOK_LLM_URL": str(models.ready["llm_url"]), "OFFHOOK_LLM_MODEL": "scripted"}
        with whole_install(home, env=env) as running:
            yield running


@pytest.fixture(scope="session")
def confirmed(install: WholeInstall) -> dict[str, Any]:
    """Return a run that is over, whose caller has said that it works."""
    return install.wait_until_over(install.call("+15555550100", customer_name="Ada"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """Return the browser of all tests that ask for no other: its microphone hears a quiet room."""
    quiet = tmp_path_factory.mktemp("microphone") / "quiet.wav"
    record(quiet, {})
    async with launched(f"--use-file-for-fake-audio-capture={quiet}") as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def phrases() -> dict[str, bytes]:
    """Return what people say in these tests, mu-law by their words."""
    return await spoken("yes that works", "no another day")


async def spoken(*texts: str) -> dict[str, bytes]:
    """Return texts as somebody says them, mu-law by their words."""
    async with AsyncExitStack() as stack:
        (speech,) = await start_together(stack, ("local.speech", "--port", "0"))
        synthesiser = OfflineSynthesiser(str(speech.ready["synthesise_url"]))
        return {
            text: b"".join([piece async for piece in synthesiser.synthesise(text, voice=_SPEAKER)])
            for text in texts
        }


@pytest_asyncio.fixture(loop_scope="session")
async def console(install: WholeInstall, opening: Opening) -> AsyncIterator[Page]:
    """Return a page of the console that is signed in, and shows what it shows first; a complaint fails the test."""
    async with opening(base_url=install.base_url) as tab:
        await sign_in(tab.page, install)
        yield tab.page


async def sign_in(
    page: Page, install: WholeInstall, *, api_key: str | None = None, base_url: str = ""
) -> None:
    """Be signed in with the install's key, or another one, as if the tab had kept it."""
    await page.goto(f"{base_url or install.base_url}/")
    await page.evaluate(
        "(key) => sessionStorage.setItem('offhook.key', key)", api_key or install.first_line["api_key"]
    )
    await page.reload()
    await page.get_by_role("button", name="Sign out").wait_for()


@pytest.fixture
def opening(browser: Browser, tmp_path: Path, phrases: dict[str, bytes]) -> Opening:
    """Return what opens a tab, with flags in a browser of its own.

    `says` lists what the microphone of that one hears, by the second at which it begins; `talks` has `say` be heard.
    """

    @asynccontextmanager
    async def open_tab(
        *flags: str, says: dict[float, str] | None = None, talks: bool = False, **context: Any
    ) -> AsyncIterator[Tab]:
        async with AsyncExitStack() as stack:
            mine = browser
            if flags or says:
                microphone = tmp_path / "microphone.wav"
                record(microphone, {at_s: phrases[text] for at_s, text in (says or {}).items()})
                heard = f"--use-file-for-fake-audio-capture={microphone}%noloop"
                mine = await stack.enter_async_context(launched(heard, *flags))
            tab = await stack.enter_async_context(tab_of(mine, **context))
            if talks:
                await tab.page.add_init_script(_TALKER)
            yield tab
            assert tab.complaints == []

    return open_tab


async def say(page: Page, said: bytes) -> None:
    """Have whoever is at the page say something now, mu-law, into its microphone."""
    wav = io.BytesIO()
    _write(wav, said)
    await page.evaluate("(wav) => speak(wav)", base64.b64encode(wav.getvalue()).decode())


def record(file: Path, says: Mapping[float, bytes]) -> None:
    """Write a minute of a quiet room in which somebody speaks."""
    room = bytearray(b"\xff" * 60 * _RATE_HZ)
    for at_s, said in says.items():
        begin = int(at_s * _RATE_HZ)
        room[begin : begin + len(said)] = said
    with file.open("wb") as opened:
        _write(opened, bytes(room))


def _write(file: IO[bytes], said: bytes) -> None:
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(_RATE_HZ)
        written.writeframes(mulaw.decode(said))
