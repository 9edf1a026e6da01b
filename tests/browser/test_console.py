"""The console's frame in a real browser: signing in, keeping the key, and what stands at places that there are not."""

import httpx
from playwright.async_api import Page, expect

from tests.browser.conftest import Opening
from tests.support.whole_install import WholeInstall


async def test_a_key_that_is_wrong_is_told_in_the_words_of_the_api(
    install: WholeInstall, opening: Opening
) -> None:
    async with opening() as tab:
        await tab.page.goto(f"{install.base_url}/")
        await tab.page.get_by_label("API key").fill("dg_wrong")
        await tab.page.get_by_role("button", name="Sign in").click()
        await expect(tab.page.get_by_role("alert")).to_contain_text("key")
        assert "status of 401" in tab.complaints.pop()


async def type_key(page: Page, install: WholeInstall, *, is_kept: bool) -> None:
    """Sign in as a person does."""
    await page.goto(f"{install.base_url}/")
    await page.get_by_label("API key").fill(install.first_line["api_key"])
    await page.get_by_label("Keep it").set_checked(is_kept)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("button", name="Sign out").wait_for()


async def test_a_key_outlives_a_reload_and_not_signing_out(install: WholeInstall, opening: Opening) -> None:
    async with opening() as tab:
        await type_key(tab.page, install, is_kept=True)
        await tab.page.reload()
        await tab.page.get_by_role("button", name="Sign out").click()
        await expect(tab.page.get_by_label("API key")).to_be_visible()
        await tab.page.reload()
        await expect(tab.page.get_by_label("API key")).to_be_visible()


async def test_a_key_that_is_not_kept_is_gone_with_the_page(install: WholeInstall, opening: Opening) -> None:
    async with opening() as tab:
        await type_key(tab.page, install, is_kept=False)
        assert await tab.page.evaluate("sessionStorage.length + localStorage.length") == 0
        await tab.page.reload()
        await expect(tab.page.get_by_label("API key")).to_be_visible()


async def test_a_page_that_there_is_not_says_so(console: Page) -> None:
    for place in ("nowhere", "constructor"):
        await console.goto(f"/#/{place}")
        await expect(console.get_by_role("main")).to_contain_text("no such page")
        await console.goto("/#/runs")
        await expect(console.get_by_role("main")).not_to_contain_text("no such page")


async def test_a_code_signs_an_empty_tab_in_and_asks_whoever_is_signed_in(
    install: WholeInstall, opening: Opening
) -> None:
    mine = install.first_line["api_key"]
    other = install.http.post("/api/v1/user/api-keys", json={"name": "Somebody else"}).json()["api_key"]
    async with opening() as tab:
        page = tab.page
        await page.goto(f"{install.base_url}/#/sign-in?code={_code_of(install, mine)}")
        await page.get_by_role("button", name="Sign out").wait_for()
        assert "code" not in page.url
        await expect(page.get_by_role("dialog")).to_have_count(0)
        # A link that is followed while the console is open: whoever types on stays.
        await page.evaluate(f"location.hash = '#/sign-in?code={_code_of(install, other)}'")
        await expect(page.get_by_role("dialog")).to_contain_text("with the key Somebody else")
        assert "code" not in page.url
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        assert await page.evaluate("sessionStorage.getItem('offhook.key')") == mine
        # One that opens the console anew: whoever says so changes.
        await page.goto("about:blank")
        await page.goto(f"{install.base_url}/#/sign-in?code={_code_of(install, other)}")
        await expect(page.get_by_role("dialog")).to_contain_text("with the key Somebody else")
        assert "code" not in page.url
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Sign out")).to_have_attribute("title", "Somebody else")
        assert await page.evaluate("sessionStorage.getItem('offhook.key')") == other


def _code_of(install: WholeInstall, key: str) -> str:
    reply = httpx.post(
        f"{install.base_url}/api/v1/user/sign-in-codes", headers={"X-API-Key": key}, trust_env=False
    )
    code: str = reply.json()["code"]
    return code
