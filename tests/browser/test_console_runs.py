"""The console's runs in a real browser: they are found, heard, followed and searched, and nobody else's are seen."""

import json
import re
import time
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Measured, Opening, sign_in
from tests.support.axe import serious
from tests.support.browser import until
from tests.support.callback_receiver import callback_receiver
from tests.support.whole_install import WholeInstall

pytestmark = pytest.mark.timeout(120)

INTERRUPTS, PRESSES_TWO = "+15555550103", "+15555550107"
CALL_WITHIN_MS, SETTLED_WITHIN_MS = 60_000, 30_000
MANY_EVENTS, MANY_RUNS = 5000, 200


@pytest.fixture(scope="session")
def talked_over(install: WholeInstall) -> dict[str, Any]:
    """Return a run that is over, whose caller has talked over the agent."""
    return install.wait_until_over(install.call(INTERRUPTS, customer_name="Ada <b>bold</b>"))


async def show(page: Page, place: str) -> None:
    await page.evaluate("(place) => { location.hash = place; }", f"#/{place}")


async def seconds(page: Page) -> float:
    """Return where the recording is."""
    at: float = await page.evaluate("document.querySelector('audio').currentTime")
    return at


async def test_a_run_is_found_by_its_number_and_a_line_of_it_is_heard(
    install: WholeInstall, talked_over: dict[str, Any], console: Page
) -> None:
    await show(console, "runs")
    await console.get_by_label("Called number").fill(INTERRUPTS)
    await console.get_by_label("Called number").press("Enter")
    rows = console.get_by_role("row")
    await expect(rows.nth(1)).to_contain_text(INTERRUPTS)
    await expect(console).to_have_url(re.compile("called=%2B15555550103"))
    await rows.nth(1).get_by_role("link").click()
    await until(console, "document.querySelector('audio')?.duration > 0")

    lines = console.locator(".transcript button")
    said = [event["data"] for event in install.events(talked_over["id"]) if event["type"] == "transcript"]
    last = max(said, key=lambda each: each["start_ms"])
    await lines.filter(has_text=last["text"]).last.click()
    await until(
        console, "!document.querySelector('audio').paused && document.querySelector('audio').readyState > 2"
    )
    assert 0 <= await seconds(console) - last["start_ms"] / 1000 < 1.5
    await expect(console.locator(".transcript [aria-current]")).to_contain_text(last["text"])
    assert f"at={round(last['start_ms'] / 100) / 10:g}" in console.url
    await console.evaluate("document.querySelector('audio').pause()")

    correction = next(event for event in install.events(talked_over["id"]) if event["type"] == "correction")
    cut = console.locator(".transcript button:has(.cut)").first
    await expect(cut).to_contain_text("Cut off by the caller")
    heard = correction["data"]["heard_text"]
    await expect(cut.locator("s")).to_have_text(correction["data"]["original"].removeprefix(heard).strip())


async def test_the_keyboard_alone_plays_seeks_walks_and_searches(
    talked_over: dict[str, Any], console: Page
) -> None:
    await show(console, f"runs/{talked_over['id']}?at=3.2")
    await until(console, "document.querySelector('audio')?.readyState > 0")
    await until(console, "document.querySelector('audio').currentTime === 3.2")
    slider = console.get_by_role("slider", name="Position in the recording")
    await slider.press("ArrowRight")
    assert await seconds(console) == pytest.approx(8.2)
    await slider.press("Home")
    assert await seconds(console) == 0
    await slider.press("Space")
    await until(console, "document.querySelector('audio').currentTime > 0.1")
    await slider.press("Space")
    assert await console.evaluate("document.querySelector('audio').paused")

    await console.locator(".transcript button").first.focus()
    await console.keyboard.press("ArrowDown")
    assert await console.evaluate(
        "document.activeElement === document.querySelectorAll('.transcript button')[1]"
    )

    await console.get_by_label("Search").fill("takeover")
    await expect(console.get_by_role("option")).to_have_count(1)
    await console.get_by_label("Search").fill("node")
    await console.get_by_role("listbox", name="Events").press("End")
    await expect(console.get_by_role("option", selected=True)).to_contain_text("node")
    assert await serious(console) == []
    # Text of a call is text, whatever it looks like.
    await expect(console.get_by_text("Ada <b>bold</b>").first).to_be_visible()
    assert await console.locator("main b").count() == 0


async def test_a_link_beyond_the_end_is_at_the_end_and_one_that_expires_is_renewed_as_it_plays(
    talked_over: dict[str, Any], console: Page
) -> None:
    asked: list[str] = []

    async def expiring(route: Route) -> None:
        reply = await (await route.fetch()).json()
        asked.append(reply["url"])
        # Each link is another one, and only the first has expired.
        first = {"expires_at": "2026-01-01T00:00:00.000Z"} if len(asked) == 1 else {}
        await route.fulfill(json={**reply, **first, "url": f"{reply['url']}#{len(asked)}"})

    await console.route("**/recording", expiring)
    await show(console, f"runs/{talked_over['id']}?at=9999")
    await until(console, "document.querySelector('audio')?.duration > 0")
    await until(
        console, "document.querySelector('audio').currentTime === document.querySelector('audio').duration"
    )
    for odd in ("Infinity", "-1", "soon"):
        await show(console, f"runs/{talked_over['id']}?at={odd}")
        await expect(console.locator(".transcript button").first).to_be_visible()
    await show(console, f"runs/{talked_over['id']}?at=2")
    await until(console, "document.querySelector('audio').currentTime === 2")
    await console.get_by_role("slider", name="Position in the recording").press("Space")
    await until(console, "document.querySelector('audio').currentTime > 2.2")
    # As a browser tells of a part that it may not read any more.
    await console.evaluate("document.querySelector('audio').dispatchEvent(new Event('error'))")
    await until(console, "document.querySelector('audio').src.endsWith('#2')")
    await until(
        console,
        "!document.querySelector('audio').paused && document.querySelector('audio').currentTime > 2.3",
    )
    assert len(asked) == 2


async def test_a_run_tells_of_its_transfer_its_deliveries_and_its_review_which_is_asked_for_anew(
    install: WholeInstall, console: Page
) -> None:
    with callback_receiver(500) as receiver:
        run_id = place_transferred(install, receiver.url)
        await show(console, f"runs/{run_id}")
        way = console.locator("section").filter(has=console.get_by_role("heading", name="Way through"))
        await expect(way).to_contain_text("Transfer failed busy", timeout=CALL_WITHIN_MS)
        delivery = console.get_by_role("row").filter(has_text="Callback")
        await expect(delivery).to_contain_text("500", timeout=CALL_WITHIN_MS)
        await expect(delivery).to_contain_text("pending")
        receiver.answers[:] = [200]
        review = console.locator("section").filter(has=console.get_by_role("heading", name="Review"))
        await expect(review).to_contain_text("8 of 10 · neutral")
        await console.get_by_role("button", name="Ask for a review").click()
        await expect(review).to_contain_text("9 of 10 · positive", timeout=SETTLED_WITHIN_MS)
        await expect(delivery).to_contain_text("delivered", timeout=SETTLED_WITHIN_MS)
    assert install.run(run_id)["disposition"] == "call_back"


def place_transferred(install: WholeInstall, callback_url: str) -> int:
    """Have somebody called who wants to be put through to a line that is busy; return the run's id."""
    nodes = [
        {
            "id": "menu",
            "type": "startCall",
            "data": {"name": "Menu", "say": "Hello. Press two for a colleague."},
        },
        {
            "id": "desk",
            "type": "agentNode",
            "data": {
                "name": "Desk",
                "transfer": {"to": "+15555550105", "message": "One moment.", "timeout_seconds": 10},
            },
        },
        {
            "id": "note",
            "type": "agentNode",
            "data": {"name": "Note", "say": "When shall they call you back?"},
        },
        {
            "id": "bye",
            "type": "endCall",
            "data": {"name": "Bye", "say": "Goodbye.", "disposition": "call_back"},
        },
        {"id": "check", "type": "qa", "data": {"name": "Quality", "qa_min_call_duration": 0}},
    ]
    edges = [
        {"id": "two", "source": "menu", "target": "desk", "data": {"dtmf": "2"}},
        {"id": "in-vain", "source": "desk", "target": "note", "data": {"when": "transfer_failed"}},
        {"id": "day", "source": "note", "target": "bye", "data": {"phrases": ["thursday"], "dtmf": "1"}},
    ]
    body = {
        "name": "Switchboard",
        "workflow_definition": {"nodes": nodes, "edges": edges},
        "settings": {"model": "openai"},
    }
    made = install.http.post("/api/v1/agents", json=body)
    assert made.status_code == 201, made.text
    uuid = made.json()["uuid"]
    assert install.http.post(f"/api/v1/agents/{uuid}/publish").is_success
    order = {"phone_number": PRESSES_TWO, "callback_url": callback_url}
    placed = install.http.post(f"/api/v1/public/agent/workflow/{uuid}", json=order)
    assert placed.is_success, placed.text
    run_id: int = placed.json()["workflow_run_id"]
    return run_id


async def test_runs_lead_to_those_beside_them_and_are_deleted(install: WholeInstall, console: Page) -> None:
    older, newer = (install.call("+15555550105") for _ in range(2))
    for run_id in (older, newer):
        install.wait_until_over(run_id)
    await show(console, f"runs/{newer}?called=%2B15555550105")
    await console.get_by_role("link", name="Older run").click()
    await until(console, f"location.hash.startsWith('#/runs/{older}?called=')")
    await press_and_confirm(console, "Delete")
    await expect(console.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    assert install.http.get(f"/api/v1/runs/{older}").status_code == 404


async def test_another_organizations_run_is_not_found(
    install: WholeInstall, talked_over: dict[str, Any], opening: Opening
) -> None:
    env = {"AWS_ENDPOINT_URL": install.first_line["aws_endpoint_url"]}
    made = install.offhook("keys", "create", "--bootstrap", "--organization", "others", "--json", env=env)
    async with opening() as tab:
        page = tab.page
        await sign_in(page, install, api_key=made.document["api_key"])
        for run_id in (talked_over["id"], 1, "none"):
            await show(page, f"runs/{run_id}")
            await expect(page.get_by_role("heading", level=1)).to_have_text("Not found")
            await show(page, "runs")
            await expect(page.get_by_role("main")).to_contain_text("No run yet")
        tab.complaints[:] = [said for said in tab.complaints if "status of 404" not in said]


async def test_five_thousand_events_stay_usable(
    talked_over: dict[str, Any], console: Page, measured: Measured
) -> None:
    async def many(route: Route) -> None:
        after = int(route.request.url.partition("after=")[2].partition("&")[0])
        items = [_event(seq) for seq in range(after + 1, min(after + 1000, MANY_EVENTS) + 1)]
        await route.fulfill(json={"items": items, "next_after": after + len(items), "status": "completed"})

    await console.route("**/events?*", many)
    begun = time.monotonic()
    await show(console, f"runs/{talked_over['id']}")
    await expect(console.get_by_text(f"{MANY_EVENTS} events", exact=True)).to_be_visible()
    measured("a run of 5,000 events is shown", (time.monotonic() - begun) * 1000)
    assert await console.get_by_role("option").count() < 100
    took = await console.evaluate(
        """async () => {
          const field = document.getElementById("events-words");
          const begun = performance.now();
          field.value = "word4711";
          field.dispatchEvent(new Event("input", { bubbles: true }));
          while (document.querySelectorAll("[role=option]").length !== 1) await new Promise(requestAnimationFrame);
          return performance.now() - begun;
        }"""
    )
    measured("a search of 5,000 events", took)
    assert took < 2000
    await console.get_by_label("Search").fill("")
    await console.get_by_role("listbox", name="Events").press("End")
    await expect(console.get_by_role("option", selected=True)).to_contain_text("5000")


def _event(seq: int) -> dict[str, Any]:
    data = {
        "segment_id": f"c{seq}",
        "speaker": "caller",
        "text": f"word{seq}",
        "start_ms": seq * 100,
        "end_ms": seq * 100 + 90,
    }
    type_ = "transcript" if seq % 5 == 0 else "speech"
    if seq == MANY_EVENTS:
        type_, data = "end", {"reason": "end_call", "disposition": None, "duration_ms": seq * 100}
    return {"seq": seq, "at": "2026-11-20T10:00:00.000Z", "type": type_, "data": data}


async def test_two_hundred_runs_stay_usable(
    talked_over: dict[str, Any], console: Page, measured: Measured
) -> None:
    asked: list[str] = []

    async def many(route: Route) -> None:
        asked.append(route.request.url)
        items = [talked_over | {"id": number + 1} for number in range(MANY_RUNS)]
        await route.fulfill(body=json.dumps({"items": items, "next_cursor": "next.page"}))

    await console.route("**/api/v1/runs?*", many)
    begun = time.monotonic()
    await show(console, "runs?limit=200&status=completed")
    await expect(console.locator("tbody tr")).to_have_count(MANY_RUNS)
    measured("a list of 200 runs is shown", (time.monotonic() - begun) * 1000)
    await console.get_by_role("button", name="Next page").click()
    await until(console, "location.hash.includes('cursor=next.page')")
    await console.go_back()
    await until(console, "!location.hash.includes('cursor')")
    assert all("limit=200" in url and "status=completed" in url for url in asked)


async def test_a_call_is_hung_up_and_one_for_later_called_off(install: WholeInstall, console: Page) -> None:
    live = install.call("+15555550102")
    install.wait_for_event(live, lambda event: event["type"] == "transcript")
    await show(console, f"runs/{live}")
    watch = console.get_by_role("link", name="Watch it live")
    await expect(watch).to_have_attribute("href", f"#/live/sess_{live}")
    await press_and_confirm(console, "Hang up")
    await until(console, "document.querySelector('audio')?.duration > 0")
    assert install.run(live)["end_reason"] == "hangup_requested"

    order = {"phone_number": "+15555550100", "scheduled_at": "2027-01-15T12:00:00Z"}
    later = install.http.post(install.trigger, json=order).json()["workflow_run_id"]
    await show(console, f"runs/{later}")
    await press_and_confirm(console, "Call it off")
    await expect(console.locator("main .chip").first).to_have_text("canceled")


async def press_and_confirm(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name).click()
    await page.get_by_role("dialog").get_by_role("button", name=name).click()
