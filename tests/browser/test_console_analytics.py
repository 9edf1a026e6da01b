"""Analytics in the console: the runs that were made are there, drawn and in tables, by hour and by agent."""

import pytest
from playwright.async_api import Page, expect

from tests.support.whole_install import WholeInstall

IS_BUSY = "+15555550105"


@pytest.mark.usefixtures("confirmed")
async def test_the_runs_that_were_made_are_seen(install: WholeInstall, console: Page) -> None:
    install.wait_until_over(install.call(IS_BUSY))
    await console.goto("/#/analytics?range=24h")
    runs = console.get_by_role("region", name="Runs", exact=True)
    await expect(runs.locator(".plot canvas")).to_be_visible()
    await runs.get_by_text("Runs as a table").click()
    await expect(runs.get_by_role("table")).to_contain_text("completed")
    outcomes = console.get_by_role("region", name="Dispositions", exact=True)
    await expect(outcomes).to_contain_text("confirmed")
    await expect(outcomes).to_contain_text("busy")
    await expect(console.get_by_role("region", name="Latency", exact=True)).to_contain_text(" ms")
    await console.get_by_label("By", exact=True).select_option("day")
    await expect(console.get_by_role("main")).to_contain_text("Whole days of UTC are counted")
    await expect(runs.locator(".plot canvas")).to_be_visible()
    await console.get_by_label("By", exact=True).select_option("agent")
    await expect(runs.get_by_role("cell", name="Appointment reminder")).to_be_visible()
    assert "by=agent" in console.url
    await console.go_back()
    await console.go_back()
    await expect(console.get_by_role("main")).not_to_contain_text("Whole days of UTC")
    await expect(runs.locator(".plot canvas")).to_be_visible()
