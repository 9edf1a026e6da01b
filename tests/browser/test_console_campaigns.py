"""Campaigns in the console: a file is dropped in, its faults are seen, its people are called; two who edit at once."""

from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Opening, sign_in
from tests.support.whole_install import WholeInstall

# A row that is none stands between somebody who confirms and somebody whose line is busy.
PEOPLE = "phone_number,customer_name\n+15555550100,Ada\n12,<b>Nobody</b>\n+15555550105,Bob\n"
CALLED_WITHIN_MS = 90_000
# What a person does with a file and a mouse.
DROP = """([text]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([text], "people.csv", { type: "text/csv" }));
  const place = document.querySelector(".drop");
  for (const name of ["dragover", "drop"]) {
    place.dispatchEvent(new DragEvent(name, { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }
}"""


async def test_the_people_of_a_file_that_is_dropped_in_are_called(
    install: WholeInstall, console: Page
) -> None:
    await console.goto("/#/campaigns")
    await console.get_by_role("link", name="New campaign").click()
    await console.get_by_label("Name", exact=True).fill("Reminders")
    await console.get_by_label("Agent", exact=True).select_option(install.first_line["agent_uuid"])
    # Nobody sleeps at the simulated carrier.
    await console.get_by_label("Keep the calling hours").uncheck()
    await console.get_by_role("button", name="Make the campaign").click()
    await expect(console.get_by_label("Drop a CSV file")).to_be_visible()
    await console.evaluate(DROP, [PEOPLE])
    columns = console.get_by_role("region", name="Columns of the file")
    await expect(columns.get_by_role("row", name="phone_number")).to_contain_text("the number that is called")
    await expect(columns.get_by_role("row", name="customer_name")).to_contain_text("<b>Nobody</b>")
    await console.get_by_role("button", name="Send it").click()
    faults = console.get_by_role("region", name="Faults by row")
    await expect(faults.get_by_role("row").nth(1)).to_contain_text("country")
    await console.get_by_text("0 of 2 done").wait_for()
    await console.get_by_role("button", name="Start", exact=True).click()
    await console.get_by_role("button", name="Start calling").click()
    await expect(console.get_by_role("status").first).to_have_text("running")
    await expect(console.get_by_role("status").first).to_have_text("completed", timeout=CALLED_WITHIN_MS)
    outcomes = console.get_by_role("region", name="Outcomes")
    await expect(outcomes).to_contain_text("confirmed")
    await expect(outcomes).to_contain_text("busy")
    await console.get_by_label("Those that are").select_option("done")
    await expect(console.get_by_role("region", name="Contacts").get_by_role("row")).to_have_count(3)
    await console.get_by_role("button", name="Export contacts").click()
    async with console.expect_download() as download:
        await console.get_by_role("link", name="Download 2 contacts").click()
    written = (await (await download.value).path()).read_text()
    assert "Ada" in written
    assert "confirmed" in written


async def test_who_edits_later_keeps_their_work(install: WholeInstall, opening: Opening) -> None:
    campaign = _made(install, "Ours")
    async with opening() as tab:
        await sign_in(tab.page, install)
        await tab.page.evaluate(f"location.hash = '#/campaigns/{campaign}/edit'")
        name = tab.page.get_by_label("Name", exact=True)
        await name.fill("Mine")
        install.http.patch(f"/api/v1/campaigns/{campaign}", json={"name": "Theirs", "calls_per_minute": 7})
        await tab.page.get_by_role("button", name="Save", exact=True).click()
        await expect(tab.page.get_by_text("Somebody else has edited")).to_be_visible()
        await expect(name).to_have_value("Mine")
        await tab.page.get_by_role("button", name="Save mine over it").click()
        await expect(tab.page.get_by_role("heading", level=1)).to_have_text("Mine")
        assert install.http.get(f"/api/v1/campaigns/{campaign}").json()["calls_per_minute"] == 7
        assert "status of 412" in tab.complaints.pop()


async def test_who_turns_a_campaign_that_somebody_else_has_changed_is_told_what_it_is_now(
    install: WholeInstall, opening: Opening
) -> None:
    campaign = _made(install, "Two operators")
    async with opening() as tab:
        await sign_in(tab.page, install)
        await tab.page.evaluate(f"location.hash = '#/campaigns/{campaign}'")
        await tab.page.get_by_role("button", name="Delete").click()
        install.http.patch(f"/api/v1/campaigns/{campaign}", json={"name": "Still needed"})
        install.http.post(f"/api/v1/campaigns/{campaign}/cancel").raise_for_status()
        await tab.page.get_by_role("button", name="Delete it").click()
        await expect(tab.page.get_by_role("alert")).to_contain_text("it is canceled now")
        await expect(tab.page.get_by_role("heading", level=1)).to_have_text("Still needed")
        assert install.http.get(f"/api/v1/campaigns/{campaign}").is_success
        assert "status of 412" in tab.complaints.pop()


async def test_a_draft_is_followed_while_a_file_is_read_and_no_longer(
    install: WholeInstall, console: Page
) -> None:
    """The page is opened in the middle of the reading, which somebody else has begun."""
    campaign = _made(install, "Read elsewhere")
    asked: list[str] = []
    is_reading = True

    async def answer(route: Route) -> None:
        asked.append(route.request.url)
        reply = await route.fetch()
        document = await reply.json()
        if route.request.url.endswith(campaign):
            document["importing"] = 1 if is_reading else None
        await route.fulfill(response=reply, json=document)

    await console.clock.install()
    await console.route(f"**/api/v1/campaigns/{campaign}**", answer)
    await console.goto(f"/#/campaigns/{campaign}")
    await console.get_by_role("heading", name="Read elsewhere").wait_for()
    for _ in range(2):
        async with console.expect_response(f"**/{campaign}"):
            await console.clock.run_for(2_500)
    install.http.post(
        f"/api/v1/campaigns/{campaign}/contacts", json={"contacts": [{"phone_number": "+14155550100"}]}
    ).raise_for_status()
    is_reading = False
    async with console.expect_response(f"**/{campaign}"):
        await console.clock.run_for(2_500)
    await expect(console.get_by_text("0 of 1 done")).to_be_visible()
    await console.clock.run_for(10_000)
    before = len(asked)
    await console.clock.run_for(60_000)
    assert asked[before:] == []


def _made(install: WholeInstall, name: str) -> str:
    made = {"name": name, "agent_uuid": install.first_line["agent_uuid"]}
    campaign: str = install.http.post("/api/v1/campaigns", json=made).json()["id"]
    return campaign
