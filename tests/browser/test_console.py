"""The console's frame in a real browser: signing in, keeping the key, and what stands at places that there are not."""

from playwright.async_api import Page, expect

from tests.browser.conftest import Opening, sign_in
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


async def test_a_key_outlives_a_reload_and_not_signing_out(console: Page) -> None:
    await console.reload()
    await console.get_by_role("button", name="Sign out").click()
    await expect(console.get_by_label("API key")).to_be_visible()
    await console.reload()
    await expect(console.get_by_label("API key")).to_be_visible()


async def test_a_key_that_is_not_kept_is_gone_with_the_page(install: WholeInstall, opening: Opening) -> None:
    async with opening() as tab:
        await sign_in(tab.page, install, is_kept=False)
        assert await tab.page.evaluate("sessionStorage.length + localStorage.length") == 0
        await tab.page.reload()
        await expect(tab.page.get_by_label("API key")).to_be_visible()


async def test_a_page_that_there_is_not_says_so(console: Page) -> None:
    await console.goto("/#/nowhere")
    await expect(console.get_by_role("main")).to_contain_text("no such page")
