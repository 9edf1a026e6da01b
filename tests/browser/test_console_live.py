"""The calls of now in a real browser: one is seen in the list, opened, watched, listened to, spoken into and hung up."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Opening, sign_in
from tests.support.whole_install import WholeInstall

pytestmark = pytest.mark.timeout(120)

SILENT = "+15555550102"
"""Answers, and never says a word."""
WITHIN_MS = 20_000


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
        await expect(tab.page.get_by_text("streaming-sessions:write")).to_be_visible()
        # It may not read names either.
        tab.complaints[:] = [said for said in tab.complaints if "status of 403" not in said]
        await tab.page.goto("/#/live/sess_7")
        await expect(tab.page.get_by_role("alert")).to_contain_text("no session with this id")
        assert "status of 404" in tab.complaints.pop()
    install.http.post(f"/api/v1/runs/{run_id}/hangup")
