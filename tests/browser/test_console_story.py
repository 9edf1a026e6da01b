"""What a person does with a new install, from the first page to the figures: one story through all of the console."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.support.whole_install import WholeInstall

pytestmark = pytest.mark.timeout(180)

SILENT = "+15555550102"
WITHIN_MS = 30_000


async def test_an_agent_is_drawn_published_called_watched_and_looked_back_at(
    install: WholeInstall, console: Page
) -> None:
    await draw(console)
    await console.get_by_role("button", name="Publish").click()
    await console.get_by_role("dialog").get_by_role("button", name="Publish").click()
    await expect(console.get_by_role("status").first).to_have_text("Version 1 is published")
    uuid = console.url.rpartition("/")[2]
    body: dict[str, Any] = {"phone_number": SILENT}
    run_id = install.http.post(f"/api/v1/public/agent/workflow/{uuid}", json=body).json()["workflow_run_id"]

    await watch(console)
    run = install.wait_until_over(run_id)
    assert (run["agent_uuid"], run["end_reason"]) == (uuid, "hangup_requested")

    await console.get_by_role("link", name="See its run").click()
    line = console.get_by_role("button", name=re.compile("A colleague will call you"))
    await line.click(timeout=WITHIN_MS)
    told = install.events(run_id)
    start_ms = next(
        event["data"]["start_ms"]
        for event in told
        if event["type"] == "transcript" and "A colleague" in event["data"]["text"]
    )
    at_s = await console.evaluate("document.querySelector('audio').currentTime")
    assert at_s == pytest.approx(start_ms / 1000, abs=1.5)

    await console.get_by_role("navigation").get_by_role("link", name="Analytics").click()
    await expect(console.get_by_role("main")).to_contain_text("Runs", timeout=WITHIN_MS)
    figures = install.http.get(
        "/api/v1/analytics",
        params={"metric": "runs", "from": run["created_at"], "by": "hour", "agent_uuid": uuid},
    ).json()
    assert figures["totals"]["total"] == 1


async def draw(console: Page) -> None:
    """Make an agent of two nodes and a way between them."""
    await console.goto("/#/agents")
    await console.get_by_role("button", name="New agent").click()
    await console.get_by_label("Name").fill("Drawn for the story")
    await console.get_by_role("button", name="Draw it").click()
    for kind, words in (("Start", "Hello, this is the story."), ("End", "Goodbye.")):
        await console.get_by_label("Kind of the new node").select_option(kind)
        await console.get_by_role("button", name="Add node").click()
        await console.get_by_label("Say", exact=True).fill(words)
    start = console.locator(".node").filter(has=console.locator(".name", has_text="Start"))
    await start.focus()
    await start.press("Enter")
    await console.get_by_label("Lead to").select_option("End")
    await console.get_by_role("button", name="Connect").click()
    await console.get_by_label("Label", exact=True).fill("Over")
    await console.get_by_label("Condition").fill("All is said")
    await console.get_by_role("button", name="Save", exact=True).click()
    await expect(console.get_by_role("status").first).to_have_text("Draft, version 1, saved")


async def watch(console: Page) -> None:
    """Open the call from the list of those that go on, have the agent say something, and hang up."""
    await console.get_by_role("navigation").get_by_role("link", name="Live").click()
    row = console.get_by_role("row").filter(has_text="Drawn for the story")
    await expect(row).to_contain_text("talks", timeout=WITHIN_MS)
    await row.get_by_role("link").click()
    said = console.get_by_role("log")
    await expect(said).to_contain_text("Hello, this is the story.", timeout=WITHIN_MS)
    await console.get_by_label("Step in").fill("A colleague will call you.")
    await console.get_by_role("button", name="Send").click()
    await expect(said).to_contain_text("A colleague will call you.", timeout=WITHIN_MS)
    await console.get_by_role("button", name="Hang up").click()
    await console.get_by_role("dialog").get_by_role("button", name="Hang up").click()
    await expect(console.get_by_role("heading", name="The call is over")).to_be_visible(timeout=WITHIN_MS)
