"""A real Chromium without a window, driven over its DevTools protocol: it sees, clicks and types as a person does."""

import asyncio
import base64
import itertools
import json
import os
import shutil
from asyncio.subprocess import DEVNULL, create_subprocess_exec
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.support.processes import wait_for

STARTS_WITHIN_S = 30.0
SHOWS_WITHIN_S = 20.0
_LOOK_AGAIN_MS = 20

FLAGS = (
    "--headless=new",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--remote-debugging-port=0",
    # A microphone that plays a file, in place of the machine's own; whether a page may have it is asked as ever.
    "--use-fake-device-for-media-stream",
)


class Page:
    """One tab. What it complains of (errors of scripts, of its policy, of what it could not load) is kept."""

    def __init__(self, socket: ClientConnection, session: str) -> None:
        self._socket = socket
        self._session = session
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self.complaints: list[str] = []

    async def listen(self) -> None:
        """Take what the browser tells, for as long as the tab is there."""
        async for text in self._socket:
            message = json.loads(text)
            if "id" in message:
                self._answers.pop(message["id"]).set_result(message)
            else:
                self._take(message["method"], message["params"])

    async def ask(
        self, method: str, *, of_browser: bool = False, within_s: float = SHOWS_WITHIN_S, **parameters: Any
    ) -> Any:
        """Send one command of the protocol; return its result."""
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        command: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if not of_browser:
            command["sessionId"] = self._session
        await self._socket.send(json.dumps(command))
        async with asyncio.timeout(within_s):
            message = await answer
        assert "error" not in message, f"{method}: {message['error']}"
        return message["result"]

    async def see(self, expression: str, *, within_s: float = SHOWS_WITHIN_S) -> Any:
        """Return what an expression of JavaScript is in the page, once its promise is kept; it is nobody's click."""
        told = await self.ask(
            "Runtime.evaluate",
            within_s=within_s,
            expression=expression,
            returnByValue=True,
            awaitPromise=True,
        )
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    async def until(self, expression: str, *, within_s: float = SHOWS_WITHIN_S) -> Any:
        """Wait until an expression is true; return its value."""
        looking = (
            f"new Promise((found) => {{ const look = () => {{ const is = ({expression}); "
            f"is ? found(is) : setTimeout(look, {_LOOK_AGAIN_MS}); }}; look(); }})"
        )
        try:
            return await self.see(looking, within_s=within_s)
        except TimeoutError:
            shown = await self.see("document.body.innerText")
            raise AssertionError(f"never: {expression}\n{shown}\n{self.complaints}") from None

    async def open(self, url: str) -> None:
        await self.ask("Page.navigate", url=url)
        await self.until("document.readyState === 'complete'")

    async def text(self, selector: str) -> str:
        """Return what an element shows."""
        shown: str = await self.see(f"document.querySelector({json.dumps(selector)}).innerText")
        return shown

    async def click(self, selector: str) -> None:
        """Press the mouse's button on the middle of an element, as a person does."""
        place = await self.see(
            f"(() => {{ const element = document.querySelector({json.dumps(selector)}); element.scrollIntoView({{block: 'nearest'}}); "
            "const box = element.getBoundingClientRect(); "
            "return {x: box.x + box.width / 2, y: box.y + box.height / 2}; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            await self.ask("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)

    async def type(self, text: str) -> None:
        """Type into what has the focus."""
        await self.ask("Input.insertText", text=text)

    async def press(self, key: str) -> None:
        """Press a key by its name, such as `Tab`."""
        codes = {"Tab": 9, "Enter": 13, " ": 32}
        pressed: dict[str, Any] = {"key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
        if key in ("Enter", " "):
            pressed["text"] = "\r" if key == "Enter" else " "
        await self.ask("Input.dispatchKeyEvent", type="keyDown", **pressed)
        await self.ask("Input.dispatchKeyEvent", type="keyUp", key=key)

    async def choose(self, selector: str, value: str) -> None:
        """Choose an option of a list."""
        found = json.dumps(selector)
        await self.see(
            f"(() => {{ const list = document.querySelector({found}); list.value = {json.dumps(value)}; "
            "list.dispatchEvent(new Event('change', {bubbles: true})); })()"
        )

    async def picture(self) -> bytes:
        """Return what is seen, as PNG."""
        taken = await self.ask("Page.captureScreenshot", format="png", optimizeForSpeed=False)
        return base64.b64decode(taken["data"])

    def _take(self, method: str, parameters: dict[str, Any]) -> None:
        if method == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            entry = parameters["entry"]
            self.complaints.append(f"{entry['text']} {entry.get('url', '')}")


@asynccontextmanager
async def chromium(profile: Path, *flags: str) -> AsyncIterator[Page]:
    """Run a browser with a profile of its own for the time of the block; yield its one tab.

    `$CHROMIUM` names another than the one on the PATH.
    """
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert program, "There is no Chromium on the PATH: run make test-browser, or name one by CHROMIUM=…."
    # In a container everybody is root, whom its sandbox does not serve.
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    arguments: Sequence[str] = (*FLAGS, *sandbox, f"--user-data-dir={profile}", *flags, "about:blank")
    process = await create_subprocess_exec(program, *arguments, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)
    try:
        url = await asyncio.to_thread(_address, profile / "DevToolsActivePort")
        async with connect(url, max_size=None, proxy=None) as socket, asyncio.TaskGroup() as tasks:
            page = Page(socket, session="")
            listening = tasks.create_task(page.listen())
            await _attach(page)
            yield page
            listening.cancel()
    finally:
        process.terminate()
        await process.wait()


def _address(file: Path) -> str:
    wait_for(lambda: file.exists() and len(file.read_text().splitlines()) == 2, STARTS_WITHIN_S)
    port, path = file.read_text().splitlines()
    return f"ws://127.0.0.1:{port}{path}"


async def _attach(page: Page) -> None:
    targets = await page.ask("Target.getTargets", of_browser=True)
    (tab,) = (target for target in targets["targetInfos"] if target["type"] == "page")
    attached = await page.ask(
        "Target.attachToTarget", of_browser=True, targetId=tab["targetId"], flatten=True
    )
    page._session = attached["sessionId"]
    for domain in ("Page", "Runtime", "Log"):
        await page.ask(f"{domain}.enable")
