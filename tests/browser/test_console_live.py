"""The calls of now in a real browser: one is seen in the list, opened, watched, listened to, spoken into and hung up."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Opening, sign_in
from tests.support.cut_wire import cut_wire
from tests.support.whole_install import WholeInstall

pytestmark = pytest.mark.timeout(120)

SILENT = "+15555550102"
"""Answers, and never says a word."""
BUSY, COLLEAGUE = "+15555550105", "+15555550108"
WANTS_ANOTHER_DAY = "+15555550101"
"""Answers, and says three things in turn with the agent."""
WITHIN_MS = 20_000

# How loud what goes to the loudspeaker is, ten times a second: left and right.
_HEAR = """(() => {
  const connect = AudioNode.prototype.connect;
  const taps = new Map();
  window.heard = [];
  function tapOf(context) {
    if (!taps.has(context)) {
      const splitter = new ChannelSplitterNode(context, { numberOfOutputs: 2 });
      const ears = [0, 1].map((side) => {
        const ear = new AnalyserNode(context, { fftSize: 4096 });
        connect.call(splitter, ear, side);
        return ear;
      });
      taps.set(context, splitter);
      setInterval(() => heard.push([performance.now(), ...ears.map(loudness)]), 100);
    }
    return taps.get(context);
  }
  function loudness(ear) {
    const samples = new Float32Array(ear.fftSize);
    ear.getFloatTimeDomainData(samples);
    return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
  }
  AudioNode.prototype.connect = function (to, ...rest) {
    if (to instanceof AudioDestinationNode) connect.call(this, tapOf(this.context));
    return connect.call(this, to, ...rest);
  };
})()"""
_LINES = """[...document.querySelectorAll(".lines [role=log] .line:not(.note)")].map((line) => {
  const who = line.querySelector(".who").textContent;
  line.querySelectorAll(".who, s, .for-readers").forEach((each) => each.remove());
  return [who.toLowerCase(), line.textContent.trim()];
})"""


async def open_call(page: Page, number: str) -> None:
    """Find a call in the list, and open it."""
    row = page.get_by_role("row").filter(has_text=number)
    await expect(row).to_contain_text("talks", timeout=WITHIN_MS)
    await expect(row).to_contain_text("Greeting", timeout=WITHIN_MS)
    await row.get_by_role("link").click()


async def test_a_call_is_seen_watched_heard_spoken_into_and_hung_up(
    install: WholeInstall, console: Page
) -> None:
    run_id = install.call(SILENT, customer_name="Ada")
    await open_call(console, SILENT)
    said = console.get_by_role("log")
    await expect(said).to_contain_text("Hello Ada, this is the Maple Street clinic.")
    await console.get_by_role("button", name="Listen").click()
    await expect(console.get_by_text("Agent", exact=True).locator(".dot")).to_be_visible()
    await console.get_by_label("Step in").fill("A person is here now.")
    await console.get_by_role("button", name="Send").click()
    await expect(said).to_contain_text("A person is here now.")
    await console.get_by_role("button", name="Mute").click()
    await expect(console.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "true")
    await console.get_by_role("button", name="Hang up").click()
    await console.get_by_role("dialog").get_by_role("button", name="Hang up").click()
    await expect(console.get_by_role("heading", name="The call is over")).to_be_focused(timeout=WITHIN_MS)
    await expect(console.get_by_role("link", name="See its run")).to_have_attribute(
        "href", f"#/runs/{run_id}"
    )
    run = install.wait_until_over(run_id)
    assert run["end_reason"] == "hangup_requested"
    await console.get_by_role("navigation").get_by_role("link", name="Live").click()
    await expect(console.get_by_role("main")).not_to_contain_text(SILENT)


async def test_a_caller_whom_nobody_answers_stays_and_is_put_through_to_a_colleague_as_all_see(
    install: WholeInstall, console: Page, opening: Opening
) -> None:
    run_id = install.call(SILENT, customer_name="Ada")
    await open_call(console, SILENT)
    said = console.get_by_role("log")
    await expect(said).to_contain_text("Hello Ada")
    async with opening(base_url=install.base_url) as other:
        await sign_in(other.page, install)
        await other.page.goto(f"/#/live/{run_id}")
        await expect(other.page.get_by_role("log")).to_contain_text("Hello Ada")
        await put_through(console, BUSY)
        await expect(other.page.get_by_role("button", name="Transfer")).to_be_disabled()
        for page in (console, other.page):
            await expect(page.get_by_text("Nobody was reached: busy")).to_be_visible(timeout=WITHIN_MS)
        await expect(said).to_contain_text("nobody can take your call at the moment", timeout=WITHIN_MS)
        await expect(said).to_contain_text("An operator's transfer (cold): failed, busy")
    await put_through(console, COLLEAGUE, "Ada waits.")
    await console.get_by_role("link", name="See its run").click(timeout=2 * WITHIN_MS)
    way = console.locator("section").filter(has=console.get_by_role("heading", name="Way through"))
    await expect(way).to_contain_text("Transfer failed busy, by an operator", timeout=WITHIN_MS)
    await expect(way).to_contain_text("Transfer completed warm, by an operator")
    assert install.wait_until_over(run_id)["end_reason"] == "transferred"


async def put_through(page: Page, to: str, summary: str = "") -> None:
    """Put the caller through; the other person hears a summary first, if there is one."""
    await page.get_by_role("button", name="Transfer").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("To", exact=True).fill("nobody")
    await dialog.get_by_role("button", name="Put through").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("Write the number in E.164")
    await dialog.get_by_label("To", exact=True).fill(to)
    if summary:
        await dialog.get_by_label("How").select_option("warm")
        await dialog.get_by_label("Said to the other person first").fill(summary)
    await dialog.get_by_role("button", name="Put through").click()
    await expect(dialog).to_be_hidden()


async def test_a_call_is_heard_on_both_sides_and_nothing_of_it_is_lost_while_the_connection_is(
    install: WholeInstall, opening: Opening
) -> None:
    async with cut_wire(install.base_url) as wire, opening(base_url=wire.url) as tab:
        page = tab.page
        await page.add_init_script(_HEAR)
        await sign_in(page, install, base_url=wire.url)
        run_id = install.call(WANTS_ANOTHER_DAY, customer_name="Ada")
        await open_call(page, WANTS_ANOTHER_DAY)
        await page.get_by_role("button", name="Listen").click()
        await expect(page.get_by_role("log")).to_contain_text("no another day", timeout=WITHIN_MS)
        with wire.down():
            await expect(page.get_by_text("Connection lost, trying again …")).to_be_visible()
            await expect(page.get_by_text("No sound comes yet")).to_be_visible()
            missed = max(event["seq"] for event in install.events(run_id))
            await asyncio.to_thread(
                install.wait_for_event,
                run_id,
                lambda event: event["type"] == "transcript" and event["seq"] > missed,
            )
        await expect(page.get_by_text("Connection lost")).to_have_count(0, timeout=WITHIN_MS)
        await expect(page.get_by_text("Agent", exact=True).locator(".dot")).to_be_visible()
        await expect(page.get_by_role("heading", name="The call is over")).to_be_visible(timeout=WITHIN_MS)
        shown, heard = await page.evaluate(_LINES), await page.evaluate("heard")
        tab.complaints[:] = [said for said in tab.complaints if not re.search("WebSocket|net::ERR_", said)]
    assert shown == said_in(install.events(run_id))
    await asyncio.to_thread(install.wait_until_over, run_id)
    peaks = install.http.get(f"/api/v1/runs/{run_id}/peaks").json()["tracks"]
    agreed, sides = agreement(
        [side(left, right, 1.3) for _, left, right in on_grid(heard)],
        [
            side(caller / 100, agent / 100, 2.0)
            for caller, agent in zip(peaks["caller"], peaks["agent"], strict=True)
        ],
    )
    assert min(sides.count(-1), sides.count(1)) > 5
    assert agreed > 0.7


def said_in(events: list[dict[str, Any]]) -> list[list[str]]:
    """Return who said what, as it was heard."""
    lines = {
        event["data"]["segment_id"]: [event["data"]["speaker"], event["data"]["text"]]
        for event in events
        if event["type"] == "transcript"
    }
    for event in events:
        if event["type"] == "correction":
            lines[event["data"]["segment_id"]][1] = event["data"]["heard_text"]
    return list(lines.values())


def on_grid(heard: list[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """Return what was heard with one reading for each tenth of a second, silence where a browser was late."""
    first = int(heard[0][0] // 100)
    grid = {int(at // 100) - first: (at, left, right) for at, left, right in heard}
    return [grid.get(index, (0.0, 0.0, 0.0)) for index in range(max(grid) + 1)]


def side(left: float, right: float, ratio: float) -> int:
    """Return which of two is the louder one: -1 the first, 1 the second, 0 neither."""
    if max(left, right) < 0.01:
        return 0
    return -1 if left > ratio * right else 1 if right > ratio * left else 0


def agreement(heard: list[int], recorded: list[int]) -> tuple[float, list[int]]:
    """Return how much of what was heard on a side was recorded on it at the same time, at the lag that fits best, and all that
    was heard.
    """
    sided = [(index, each) for index, each in enumerate(heard) if each]
    recorded_at = dict(enumerate(recorded))
    fits = [
        sum(each * recorded_at.get(index + lag, 0) for index, each in sided)
        for lag in range(-len(heard), len(recorded))
    ]
    return max(fits) / max(len(sided), 1), heard


async def test_a_key_that_only_reads_may_watch_and_do_nothing_and_what_is_not_its_own_is_not_there(
    install: WholeInstall, opening: Opening
) -> None:
    body = {"name": "Reads", "scopes": ["streaming-sessions:read"]}
    made = install.http.post("/api/v1/user/api-keys", json=body)
    run_id = install.call(SILENT, customer_name="Ada")
    async with opening(base_url=install.base_url) as tab:
        await sign_in(tab.page, install, api_key=made.json()["api_key"])
        await tab.page.goto(f"/#/live/{run_id}")
        await expect(tab.page.get_by_role("log")).to_contain_text("Hello Ada", timeout=WITHIN_MS)
        await expect(tab.page.get_by_role("button", name="Hang up")).to_be_disabled()
        await expect(tab.page.get_by_role("button", name="Transfer")).to_be_hidden()
        await expect(tab.page.get_by_text("streaming-sessions:write")).to_be_visible()
        # It may not read names either.
        tab.complaints[:] = [said for said in tab.complaints if "status of 403" not in said]
        await tab.page.goto("/#/live/sess_7")
        await expect(tab.page.get_by_role("alert")).to_contain_text("no session with this id")
        assert "status of 404" in tab.complaints.pop()
    install.http.post(f"/api/v1/runs/{run_id}/hangup")
