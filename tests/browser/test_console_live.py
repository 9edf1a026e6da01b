"""The calls of now in a real browser: one is seen in the list, opened, watched, listened to, spoken into and hung up."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Opening, sign_in
from tests.support.whole_install import WholeInstall

pytestmark = pytest.mark.timeout(120)

SILENT = "+15555550102"
"""Answers, and never says a word."""
BUSY, COLLEAGUE = "+15555550105", "+15555550108"
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
        await dialog.get_by_label("Said to the other person").fill(summary)
    await dialog.get_by_role("button", name="Put through").click()
    await expect(dialog).to_be_hidden()


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
