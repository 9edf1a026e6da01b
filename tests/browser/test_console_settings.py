"""Settings in the console: what is shown once, what is refused where it stands, and whom nobody calls."""

import csv
import re

import httpx
from playwright.async_api import Page, expect

from tests.browser.conftest import Opening
from tests.support.axe import serious
from tests.support.whole_install import WholeInstall


async def test_a_key_is_shown_once_and_may_do_what_was_chosen(install: WholeInstall, console: Page) -> None:
    await console.goto("/#/settings/keys")
    await console.get_by_role("link", name="New key").click()
    await console.get_by_label("Name").fill("crm")
    await console.get_by_role("button", name="None").click()
    await console.get_by_label("runs:read").check()
    await console.get_by_role("button", name="Make the key").click()
    key = await console.get_by_label("API key", exact=True).input_value()
    assert (await _me(install, key)).json()["scopes"] == ["runs:read"]
    await console.reload()
    await console.get_by_role("link", name="API keys").click()
    await expect(console.get_by_role("row", name="crm")).to_contain_text("runs:read")
    assert key not in await console.content()
    await _sign_in_with(console, key)
    await expect(console.get_by_role("region", name="Settings: API keys")).to_contain_text("api-keys:read")
    await _sign_in_with(console, install.first_line["api_key"])
    await console.get_by_role("button", name="Archive: crm").click()
    await console.get_by_role("button", name="Archive", exact=True).click()
    await expect(console.get_by_role("row", name="crm")).to_be_hidden()
    assert (await _me(install, key)).status_code == 401
    await console.get_by_label("Show archived").check()
    await expect(console.get_by_role("row", name="crm")).to_contain_text("archived")


async def _sign_in_with(console: Page, key: str) -> None:
    await console.evaluate("key => sessionStorage.setItem('offhook.key', key)", key)
    await console.reload()


async def _me(install: WholeInstall, key: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=install.base_url, trust_env=False) as client:
        return await client.get("/api/v1/user/me", headers={"X-API-Key": key})


async def test_a_number_is_refused_where_it_stands_then_added_and_answered(
    install: WholeInstall, opening: Opening
) -> None:
    async with opening(base_url=install.base_url) as tab:
        page = tab.page
        await page.add_init_script(
            f"sessionStorage.setItem('offhook.key', '{install.first_line['api_key']}')"
        )
        await page.goto("/#/settings/carrier")
        await page.get_by_role("link", name="Simulated Cloudonix").click()
        await page.get_by_role("link", name="New number").click()
        await page.get_by_label("Number", exact=True).fill("1234")
        await page.get_by_role("button", name="Save").click()
        field = page.get_by_label("Number", exact=True)
        await expect(field).to_be_focused()
        await expect(field).to_have_accessible_description(re.compile("E.164"))
        await field.fill("+1 415 555 0199")
        await page.get_by_label("Who answers").select_option(index=1)
        await page.get_by_role("button", name="Save").click()
        row = page.get_by_role("row", name="+14155550199")
        await expect(row).not_to_contain_text("nobody")
        await row.get_by_role("button", name="Delete").click()
        await page.get_by_role("button", name="Delete", exact=True).click()
        await expect(row).to_be_hidden()
        assert "status of 422" in tab.complaints.pop()


async def test_whom_nobody_calls_is_added_imported_exported_and_taken_off(console: Page) -> None:
    await console.goto("/#/settings/do-not-call/new")
    await console.get_by_label("Number", exact=True).fill("+1 (415) 555-0142")
    await console.get_by_label("Why").fill("Asked by letter.")
    await console.get_by_role("button", name="Add it").click()
    await expect(console.get_by_role("row", name="+14155550142")).to_contain_text("Asked by letter.")
    await console.goto("/#/settings/do-not-call/import")
    await console.get_by_label("Or numbers").fill("phone_number,reason\n+14155550143,by mail\nnobody,\n")
    await console.get_by_role("button", name="Import").click()
    reply = console.get_by_role("status").filter(has_text="1 added")
    await expect(reply.get_by_role("row", name="3")).to_contain_text("country code")
    await console.get_by_role("link", name="Do not call").click()
    async with console.expect_download() as download:
        await console.get_by_role("button", name="Export").click()
    exported = (await (await download.value).path()).read_text("utf-8-sig").splitlines()
    assert [row["reason"] for row in csv.DictReader(exported)] == ["Asked by letter.", "by mail"]
    await console.get_by_role("button", name="Take off: +14155550142").click()
    await expect(console.get_by_role("dialog")).to_contain_text("Asked by letter.")
    await console.get_by_role("button", name="Take it off").click()
    await expect(console.get_by_role("row", name="+14155550142")).to_be_hidden()


async def test_a_tool_is_made_by_a_form_and_changed_as_json(console: Page) -> None:
    await console.goto("/#/settings/tools/new")
    await console.get_by_label("Name", exact=True).fill("look_up_order")
    await console.get_by_label("When to use it").fill("Looks an order up.")
    await console.get_by_label("URL").fill("https://api.example.com/orders")
    parameters = console.get_by_role("group", name="What the model fills in")
    await parameters.get_by_role("button", name="Add one").click()
    await parameters.get_by_label("Name").fill("order_number")
    await console.get_by_role("button", name="Save").click()
    await console.get_by_role("link", name="look_up_order").click()
    await console.get_by_role("button", name="JSON").click()
    text = console.get_by_label("Definition")
    written = await text.input_value()
    assert '"order_number"' in written
    await text.fill("{")
    await expect(text).to_have_attribute("aria-invalid", "true")
    await text.fill(written.replace("5000", "3000"))
    await console.get_by_role("button", name="Save").click()
    await console.get_by_role("link", name="look_up_order").click()
    await expect(console.get_by_label("Longest wait")).to_have_value("3000")


async def test_a_parameter_keeps_its_choices_when_the_one_before_it_goes(console: Page) -> None:
    await console.goto("/#/settings/tools/new")
    parameters = console.get_by_role("group", name="What the model fills in", exact=True)
    for number, choices in enumerate(("small, large", "red, blue"), start=1):
        await parameters.get_by_role("button", name="Add one").click()
        await parameters.get_by_label("Only one of").nth(number - 1).fill(choices)
    await parameters.get_by_role("button", name="Remove").first.click()
    await expect(parameters.get_by_label("Only one of")).to_have_value("red, blue")
    await parameters.get_by_label("Type").select_option("integer")
    await expect(parameters.get_by_label("Only one of")).to_have_value("")
    # Whoever leaves a form that is not sent is asked, but not by the link that says so.
    console.once("dialog", lambda dialog: dialog.dismiss())
    async with console.expect_event("dialog"):
        await console.get_by_role("link", name="API keys").click()
    await expect(parameters.get_by_label("Only one of")).to_have_value("")
    await console.get_by_role("link", name="Back without saving").click()
    await expect(console.get_by_role("link", name="New tool")).to_be_visible()


async def test_what_is_another_organizations_is_not_found(install: WholeInstall, opening: Opening) -> None:
    async with opening(base_url=install.base_url) as tab:
        await tab.page.add_init_script(
            f"sessionStorage.setItem('offhook.key', '{install.first_line['api_key']}')"
        )
        await tab.page.goto("/#/settings/tools/5436e802-51a0-4560-9274-579b99985632")
        await expect(tab.page.get_by_role("alert")).to_contain_text("no tool with this")
        assert "status of 404" in tab.complaints.pop()


FORMS = {
    "carrier/new": "New configuration",
    "keys/new": "New API key",
    "tools/new": "New tool",
    "credentials/new": "New credential",
    "knowledge/new": "New document",
    "limits": "Limits",
    "do-not-call/import": "Import numbers",
    "webhooks": "Webhook secret",
}


async def test_axe_finds_nothing_serious_in_the_forms_nor_a_width_beyond_the_screens(console: Page) -> None:
    await console.set_viewport_size({"width": 360, "height": 740})
    for place, title in FORMS.items():
        await console.goto(f"/#/settings/{place}")
        await console.get_by_role("heading", name=title, level=1).wait_for()
        assert await serious(console) == []
        assert await console.evaluate("document.documentElement.scrollWidth") == 360
