"""What holds of every page of the console: nothing serious for axe, no width beyond the screen's, never blank, no complaint."""

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Opening, sign_in
from tests.support.axe import serious
from tests.support.browser import until
from tests.support.whole_install import WholeInstall

PAGES = ("live", "runs", "agents", "campaigns", "analytics", "settings")
_SETTLED = "!document.body.innerText.includes('Loading') && !document.querySelector('[aria-busy=true]')"


@pytest.mark.parametrize("name", PAGES)
async def test_axe_finds_nothing_serious_in_light_and_in_dark(console: Page, name: str) -> None:
    for scheme in ("light", "dark"):
        await console.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await console.evaluate(f"location.hash = '#/{name}'")
        await until(console, _SETTLED)
        assert await serious(console) == []


@pytest.mark.parametrize("name", PAGES)
async def test_a_narrow_window_shows_all_of_it(install: WholeInstall, opening: Opening, name: str) -> None:
    async with opening(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True) as tab:
        await sign_in(tab.page, install)
        await tab.page.evaluate(f"location.hash = '#/{name}'")
        await until(tab.page, _SETTLED)
        assert await tab.page.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [360, 360]


async def test_a_list_in_a_narrow_window_is_a_table_whose_cells_tell_their_columns(
    install: WholeInstall, opening: Opening
) -> None:
    async with opening(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True) as tab:
        await sign_in(tab.page, install)
        await tab.page.evaluate("location.hash = '#/agents'")
        await tab.page.get_by_role("link", name="Appointment reminder").wait_for()
        list_ = "document.querySelector('.table')"
        assert await tab.page.evaluate(f"{list_}.scrollWidth <= {list_}.clientWidth")
        shown = "getComputedStyle(document.querySelector('td[data-column=Published]'), '::before').content"
        assert "Published" in await tab.page.evaluate(shown)
        # What the browser tells a screen reader, of blocks that are no table for it by themselves.
        devtools = await tab.page.context.new_cdp_session(tab.page)
        tree = await devtools.send("Accessibility.getFullAXTree")
        roles = {node["role"]["value"] for node in tree["nodes"] if "role" in node}
        assert {"table", "row", "columnheader", "rowheader", "cell"} <= roles
        assert await serious(tab.page) == []


@pytest.mark.parametrize("name", PAGES)
async def test_without_the_api_a_sentence_says_so(install: WholeInstall, opening: Opening, name: str) -> None:
    async def refuse(route: Route) -> None:
        await route.abort("connectionrefused")

    async with opening() as tab:
        await sign_in(tab.page, install)
        await tab.page.route("**/api/v1/**", refuse)
        await tab.page.evaluate(f"location.hash = '#/{name}'")
        await until(tab.page, "document.querySelector('main').innerText.includes(\"can't be reached\")")
        # The browser's own words for it.
        tab.complaints[:] = [said for said in tab.complaints if "ERR_CONNECTION_REFUSED" not in said]


async def test_an_answer_of_another_release_is_told_and_leaves_the_rest_usable(
    install: WholeInstall, opening: Opening
) -> None:
    async def strange(route: Route) -> None:
        await route.fulfill(json={"id": "cmp_1", "name": "Of tomorrow", "status": "dreaming"})

    async with opening() as tab:
        await sign_in(tab.page, install)
        await tab.page.route("**/api/v1/campaigns/cmp_1", strange)
        await tab.page.evaluate("location.hash = '#/campaigns/cmp_1'")
        await expect(tab.page.get_by_role("alert").first).to_contain_text("can't be shown")
        await tab.page.get_by_role("link", name="Campaigns").click()
        await expect(tab.page.get_by_role("heading", level=1)).to_have_text("Campaigns")
        assert tab.complaints
        tab.complaints.clear()


@pytest.mark.parametrize(
    "path", ["runs/1", "live/sess_1", "agents/0b0f9f5e-6e8a-4b43-9f0f-0a3f0a2f7d11", "campaigns/cmp_1"]
)
async def test_what_there_is_not_is_not_found(install: WholeInstall, opening: Opening, path: str) -> None:
    async with opening() as tab:
        await sign_in(tab.page, install)
        await tab.page.evaluate(f"location.hash = '#/{path}'")
        await until(tab.page, "document.querySelector('main [role=alert]')?.innerText.match(/no |not /i)")
        tab.complaints[:] = [said for said in tab.complaints if "status of 404" not in said]
