"""`/call` in a real browser, against a whole install: a person talks to the demo agent through a microphone.

How fast it was is told at the end and not asserted: it hangs on the machine.
"""

import json
import os
import re
import signal
from contextlib import suppress

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Measured, Opening, say, sign_in
from tests.support.browser import once_true, until
from tests.support.cut_wire import cut_wire
from tests.support.processes import command_of, descendants
from tests.support.whole_install import WholeInstall

pytestmark = pytest.mark.timeout(120)

ALLOWED = {"permissions": ["microphone"]}
"""The person allows the microphone when they are asked."""

SILENT = "!document.querySelector('#agent-voice.sounds')"
"""The agent says nothing now."""

_TRIES, _HEARD_WITHIN_S = 5, 6

VOICE_HOLD_MS = 250
"""A voice counts as silent so long after its last sound."""

# When each voice begins and ends, by the page's own signs, for whoever measures.
_WATCH_VOICES = """(() => {
  window.voices = [];
  for (const who of ['caller', 'agent']) {
    const sign = document.getElementById(`${who}-voice`);
    new MutationObserver(() => voices.push({who, on: sign.classList.contains('sounds'), at: performance.now()}))
      .observe(sign, {attributes: true, attributeFilter: ['class']});
  }
})()"""


async def open_call_page(page: Page, install: WholeInstall, base_url: str = "") -> None:
    """Open the page and give it the key, as a person does."""
    await page.goto(f"{base_url or install.base_url}/call")
    await page.evaluate(_WATCH_VOICES)
    await page.click("#key")
    await page.keyboard.insert_text(install.first_line["api_key"])
    await page.keyboard.press("Tab")
    await until(page, "document.querySelector('#agent').options.length")


async def call(page: Page, install: WholeInstall, base_url: str = "") -> None:
    """Call the demo agent, and wait until it can be heard."""
    await open_call_page(page, install, base_url)
    await page.click("#call")
    await until(page, "document.body.dataset.state === 'open'")
    await until(page, "document.querySelector('#agent-voice.sounds')")


def line(who: str, words: str) -> str:
    """Return the expression that is true once somebody has said these words."""
    return f"[...document.querySelectorAll('#lines .line.{who}')].some((line) => line.textContent.includes({json.dumps(words)}))"


async def say_until_heard(page: Page, words: str, phrases: dict[str, bytes]) -> None:
    """Say something, again when nothing comes of it: who has come back may be heard a little later than it seems."""
    for _ in range(_TRIES):
        await say(page, phrases[words])
        with suppress(AssertionError):
            await until(page, line("caller", words), within_s=_HEARD_WITHIN_S)
            return
    raise AssertionError(f"never heard: {words}")


async def voices(page: Page) -> list[tuple[str, bool, float]]:
    return [(sign["who"], sign["on"], sign["at"]) for sign in await page.evaluate("voices")]


def last_run(install: WholeInstall) -> int:
    return max(install.run_ids())


async def test_a_person_talks_to_the_agent_until_it_says_goodbye(
    install: WholeInstall, opening: Opening, phrases: dict[str, bytes], measured: Measured
) -> None:
    async with opening(talks=True) as tab:
        page = tab.page
        await call(page, install)
        await until(page, line("agent", "Maple Street clinic"))
        await until(page, "document.querySelector('#facts').innerText.includes('Greeting')")
        await until(page, line("agent", "still suit you"))
        await until(page, SILENT)
        await say(page, phrases["yes that works"])
        await until(page, line("caller", "yes that works"))
        await until(page, "document.body.dataset.state === 'over'", within_s=40)
        assert "outcome: confirmed" in await page.inner_text("#end")
        assert "ms" in await page.inner_text("#answers")
        assert await page.evaluate("document.activeElement.id") == "after-title"
        signs = await voices(page)
    run = install.wait_until_over(last_run(install))
    assert (run["status"], run["disposition"], run["direction"]) == ("completed", "confirmed", "web")
    began, stopped = (at for who, _, at in signs if who == "caller")
    answered = next(at for who, on, at in signs if who == "agent" and on and at > began)
    measured("answer after speech", answered - stopped + VOICE_HOLD_MS)


async def test_who_talks_over_the_agent_is_heard_and_the_rest_of_its_words_is_struck(
    install: WholeInstall, opening: Opening, phrases: dict[str, bytes], measured: Measured
) -> None:
    async with opening(talks=True) as tab:
        page = tab.page
        await call(page, install)
        await until(page, line("agent", "Maple Street clinic"))
        await say(page, phrases["no another day"])
        await until(page, "document.querySelector('#lines .line.agent s')", within_s=30)
        await until(page, line("caller", "another day"))
        await until(page, line("agent", "Which weekday"))
        signs = await voices(page)
        await page.click("#hang-up")
        await until(page, "document.body.dataset.state === 'over'")
    began = next(at for who, on, at in signs if who == "caller" and on)
    silent = next(at for who, on, at in signs if who == "agent" and not on and at > began)
    measured("barge-in silences the agent", silent - began - VOICE_HOLD_MS)


async def test_a_call_goes_on_after_the_connection_was_cut(
    install: WholeInstall, opening: Opening, phrases: dict[str, bytes]
) -> None:
    async with cut_wire(install.base_url) as wire, opening(talks=True) as tab:
        page = tab.page
        await call(page, install, wire.url)
        await until(page, line("agent", "Hello"))
        with wire.down():
            await until(page, "document.body.dataset.state === 'again'")
        await until(page, "document.body.dataset.state === 'open'")
        await say_until_heard(page, "yes that works", phrases)
        await until(page, "document.body.dataset.state === 'over'", within_s=40)
        assert "outcome: confirmed" in await page.inner_text("#end")
        shown = await page.evaluate(
            "[...document.querySelectorAll('#lines .line:not(.note)')].map((line) => line.lastChild.textContent)"
        )
        # What a cut connection makes the browser say of itself is no fault of the page.
        tab.complaints[:] = [
            said for said in tab.complaints if not re.search("WebSocket connection|net::ERR_", said)
        ]
    log = install.events(last_run(install))
    assert len(shown) == len({event["data"]["segment_id"] for event in log if event["type"] == "transcript"})


async def test_a_call_goes_on_in_another_process_when_its_own_is_killed(
    install: WholeInstall, opening: Opening, phrases: dict[str, bytes]
) -> None:
    async with opening(talks=True) as tab:
        page = tab.page
        await call(page, install)
        await until(page, line("agent", "Hello"))
        (streamer,) = (
            known
            for known in descendants(install.process.pid)
            if "local.install.streamer" in command_of(known)
        )
        os.kill(streamer.pid, signal.SIGKILL)
        await until(page, "document.body.dataset.state === 'again'")
        await until(page, "document.body.dataset.state === 'open'", within_s=60)
        await say_until_heard(page, "yes that works", phrases)
        await until(page, "document.body.dataset.state === 'over'", within_s=60)
        assert "outcome: confirmed" in await page.inner_text("#end")
        tab.complaints[:] = [said for said in tab.complaints if "WebSocket connection" not in said]
        # Its run tells of it, and the sound of both parts is one recording.
        await sign_in(page, install)
        await page.goto(f"{install.base_url}/#/runs/{last_run(install)}")
        await expect(page.get_by_role("listitem").filter(has_text="Another process goes on")).to_have_count(1)
        await until(page, "document.querySelector('audio')?.duration > 0")
    takeovers = [event for event in install.events(last_run(install)) if event["type"] == "takeover"]
    assert len(takeovers) == 2


async def test_who_steps_in_has_the_agent_say_their_words_and_nothing_is_markup(
    install: WholeInstall, opening: Opening
) -> None:
    words = "<img src=x onerror=alert(1)> One moment please."
    async with opening(**ALLOWED) as tab:
        page = tab.page
        await call(page, install)
        await page.click("#text")
        await page.keyboard.insert_text(words)
        await page.click("#inject button")
        await until(page, "document.querySelector('#answer').textContent === 'The agent has it.'")
        await until(page, line("agent", "One moment please."), within_s=30)
        await page.select_option("#role", "user")
        await page.click("#text")
        await page.keyboard.insert_text("no another day")
        await page.click("#inject button")
        await until(page, line("agent", "Which weekday"), within_s=30)
        assert await page.evaluate("document.querySelectorAll('#lines img').length") == 0
        await page.click("#hang-up")
        await until(page, "document.body.dataset.state === 'over'")
    said = [
        event["data"]["text"] for event in install.events(last_run(install)) if event["type"] == "transcript"
    ]
    assert any("One moment please." in text for text in said)


async def test_a_phone_call_is_watched_steered_and_left_as_it_is(
    install: WholeInstall, opening: Opening
) -> None:
    run_id = install.call("+15555550102")
    async with opening() as tab:
        page = tab.page
        await open_call_page(page, install)
        await page.click("#session")
        await page.keyboard.insert_text(str(run_id))
        await page.click("#watch button")
        await until(page, "document.body.dataset.state === 'watching'")
        await until(page, line("agent", "Maple Street clinic"))
        assert await page.evaluate("document.querySelector('#voices').hidden")
        await page.click("#text")
        await page.keyboard.insert_text("We close in ten minutes.")
        await page.click("#inject button")
        await until(page, "document.querySelector('#answer').textContent === 'The agent has it.'")
        await until(page, line("agent", "We close in ten minutes."), within_s=30)
        await page.click("#leave")
        await until(page, "!document.querySelector('#before').hidden")
    assert install.run(run_id)["ended_at"] is None
    install.http.post(f"/api/v1/runs/{run_id}/hangup")
    install.wait_until_over(run_id)


async def test_without_permission_a_sentence_says_where_to_give_it(
    install: WholeInstall, opening: Opening
) -> None:
    async with opening() as tab:
        page = tab.page
        protocol = await page.context.new_cdp_session(page)
        denied = {"permission": {"name": "microphone"}, "setting": "denied", "origin": install.base_url}
        await protocol.send("Browser.setPermission", denied)
        await open_call_page(page, install)
        await page.click("#call")
        await until(page, "document.querySelector('#trouble').textContent.includes('allow it for this page')")
        assert await page.evaluate("document.body.dataset.phase") == "before"


async def test_without_a_click_no_call_begins_and_a_sentence_asks_for_one(
    install: WholeInstall, opening: Opening
) -> None:
    before = install.run_ids()
    key = json.dumps(install.first_line["api_key"])
    async with opening(**ALLOWED) as tab:
        page = tab.page
        await page.goto(f"{install.base_url}/call")
        protocol = await page.context.new_cdp_session(page)
        for act in (
            f"document.querySelector('#key').value = {key}",
            "document.querySelector('#key').dispatchEvent(new Event('change'))",
            once_true("document.querySelector('#agent').options.length"),
            "document.querySelector('#begin').requestSubmit()",
        ):
            # What Playwright evaluates by itself counts as a click.
            await protocol.send("Runtime.evaluate", {"expression": act, "awaitPromise": True})
        await until(page, "document.querySelector('#trouble').textContent.includes('press Call once more')")
        assert install.run_ids() == before
        assert "AudioContext was not allowed to start" in tab.complaints.pop()
        await page.click("#call")
        await until(page, "document.body.dataset.state === 'open'")
        await page.click("#hang-up")
        await until(page, "document.body.dataset.state === 'over'")


async def test_a_page_that_is_not_safe_says_which_address_would_be(
    install: WholeInstall, opening: Opening
) -> None:
    port = install.base_url.rpartition(":")[2]
    async with opening("--host-resolver-rules=MAP phone.example 127.0.0.1", **ALLOWED) as tab:
        page = tab.page
        await page.goto(f"http://phone.example:{port}/call")
        told = await page.inner_text("#trouble")
        assert "https" in told
        assert f"http://localhost:{port}/call" in told


async def test_a_key_that_is_wrong_is_told_in_the_words_of_the_api(
    install: WholeInstall, opening: Opening
) -> None:
    async with opening() as tab:
        page = tab.page
        await page.goto(f"{install.base_url}/call")
        await page.click("#key")
        await page.keyboard.insert_text("dg_wrong")
        await page.keyboard.press("Tab")
        await until(page, "!document.querySelector('#trouble').hidden")
        assert "key" in await page.inner_text("#trouble")
        assert tab.complaints.pop().startswith(
            "Failed to load resource: the server responded with a status of 401"
        )


async def test_the_keyboard_alone_calls_and_hangs_up(install: WholeInstall, opening: Opening) -> None:
    async with opening(**ALLOWED) as tab:
        page = tab.page
        await page.goto(f"{install.base_url}/call")
        await tab_to(page, "key")
        await page.keyboard.insert_text(install.first_line["api_key"])
        await page.keyboard.press("Tab")
        await until(page, "document.querySelector('#agent').options.length")
        await tab_to(page, "call")
        await page.keyboard.press("Enter")
        await until(page, "document.body.dataset.state === 'open'")
        await tab_to(page, "hang-up")
        await page.keyboard.press("Enter")
        await until(page, "document.body.dataset.state === 'over'")
        await tab_to(page, "again")


async def tab_to(page: Page, name: str) -> None:
    for _ in range(30):
        if await page.evaluate("document.activeElement.id") == name:
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {name}")


async def test_a_narrow_window_shows_all_of_it(install: WholeInstall, opening: Opening) -> None:
    narrow = "[document.documentElement.scrollWidth, innerWidth]"
    async with opening(viewport={"width": 360, "height": 640}, is_mobile=True, **ALLOWED) as tab:
        page = tab.page
        await page.goto(f"{install.base_url}/call")
        assert await page.evaluate(narrow) == [360, 360]
        await call(page, install)
        await until(page, line("agent", "Hello"))
        assert await page.evaluate(narrow) == [360, 360]
        await page.click("#hang-up")
        await until(page, "document.body.dataset.state === 'over'")
        assert await page.evaluate(narrow) == [360, 360]


async def test_every_control_has_a_name_and_nothing_moves_for_who_wants_it_still(
    install: WholeInstall, opening: Opening
) -> None:
    async with opening(reduced_motion="reduce", **ALLOWED) as tab:
        page = tab.page
        await call(page, install)
        protocol = await page.context.new_cdp_session(page)
        tree = await protocol.send("Accessibility.getFullAXTree")
        roles = {"button", "textbox", "combobox", "checkbox", "meter", "log", "region"}
        unnamed = [
            node["role"]["value"]
            for node in tree["nodes"]
            if not node.get("ignored")
            and node["role"]["value"] in roles
            and not node.get("name", {}).get("value")
        ]
        assert unnamed == []
        assert await page.evaluate("document.getAnimations().length") == 0
        await page.click("#hang-up")
        await until(page, "document.body.dataset.state === 'over'")
