"""Agents in the console: one is drawn from nothing with the mouse, and by keys alone; two who edit the same one."""

import re
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Opening, sign_in
from tests.support.axe import serious
from tests.support.whole_install import WholeInstall

_HELLO: dict[str, Any] = {
    "nodes": [
        {"id": "hello", "type": "startCall", "data": {"name": "Hello", "say": "Hello."}},
        {"id": "bye", "type": "endCall", "data": {"name": "Bye", "say": "Bye."}},
    ],
    "edges": [{"id": "on", "source": "hello", "target": "bye", "data": {"label": "On", "phrases": ["yes"]}}],
}


async def test_an_agent_is_drawn_with_the_mouse_and_published(install: WholeInstall, console: Page) -> None:
    await _begin(console, "Drawn by mouse")
    for kind in ("Start", "Step", "End"):
        await console.get_by_label("Kind of the new node").select_option(kind)
        await console.get_by_role("button", name="Add node").click()
        await expect(console.locator("#piece-title")).to_have_text(f"{kind}: {kind}")
        if kind != "Step":
            await console.get_by_label("Say", exact=True).fill(f"Words of the {kind}.")
    faults = console.locator(".tabs button", has_text="Faults")
    await expect(faults).to_have_text("Faults (3)")
    await _draw(console, "Start", "Step")
    await _fill_way(console, "Goes on")
    await _draw(console, "Step", "End")
    await _fill_way(console, "Has had enough")
    # The step says nothing, which is told on its node, and beside its field.
    await expect(_node(console, "Step")).to_have_accessible_name(
        re.compile("^Step Step A agentNode node needs")
    )
    await faults.click()
    await console.locator(".faults").get_by_role("button", name="agentNode node needs").click()
    await expect(console.get_by_label("Prompt", exact=True)).to_be_focused()
    assert await serious(console) == []
    await console.get_by_label("Prompt", exact=True).fill("Talk about the weather.")
    await expect(faults).to_have_text("Faults")
    await _drag_by(console, _node(console, "Step"), 120, 0)
    await console.get_by_role("button", name="Save", exact=True).click()
    await expect(console.get_by_role("status").first).to_have_text("Draft, version 1, saved")
    await console.get_by_role("button", name="Publish").click()
    await console.get_by_role("dialog").get_by_role("button", name="Publish").click()
    await expect(console.get_by_role("status").first).to_have_text("Version 1 is published")
    await console.reload()
    await expect(_node(console, "Step")).to_contain_text("Talk about the weather.")
    stored = _stored(install, console)
    assert [(edge["source"], edge["target"]) for edge in stored["edges"]] == [
        ("startCall", "agentNode"),
        ("agentNode", "endCall"),
    ]
    places = {node["id"]: node["position"] for node in stored["nodes"]}
    assert places["agentNode"]["x"] > places["startCall"]["x"]


async def test_an_agent_is_drawn_by_keys_alone(install: WholeInstall, console: Page) -> None:
    await _begin(console, "Drawn by keys", by_keys=True)
    for kind in ("Start", "End"):
        await _by_tab(console, console.get_by_label("Kind of the new node"))
        await console.keyboard.type(kind)
        await _by_tab(console, console.get_by_role("button", name="Add node"))
        await console.keyboard.press("Enter")
        await expect(console.locator("#piece-title")).to_have_text(f"{kind}: {kind}")
        await _by_tab(console, console.get_by_label("Say", exact=True))
        await console.keyboard.type(f"Words of the {kind}.")
    await _by_tab(console, _node(console, "Start"), back=True)
    await console.keyboard.press("ArrowRight")
    await console.keyboard.press("Enter")
    await expect(console.get_by_label("Name", exact=True)).to_be_focused()
    await _by_tab(console, console.get_by_label("Lead to"))
    await console.keyboard.type("End")
    await _by_tab(console, console.get_by_role("button", name="Connect"))
    await console.keyboard.press("Enter")
    await expect(console.get_by_label("Label", exact=True)).to_be_focused()
    await console.keyboard.type("Over")
    await _by_tab(console, console.get_by_label("Condition"))
    await console.keyboard.type("All is said")
    await expect(console.locator(".tabs button", has_text="Faults")).to_have_text("Faults")
    # What is deleted comes back.
    await _by_tab(console, _node(console, "End"), back=True)
    await console.keyboard.press("Delete")
    await expect(_node(console, "End")).to_be_hidden()
    await console.keyboard.press("Control+z")
    await expect(_node(console, "End")).to_be_visible()
    await console.keyboard.press("Control+s")
    await expect(console.get_by_role("status").first).to_have_text("Draft, version 1, saved")
    stored = _stored(install, console)
    assert [node["data"]["say"] for node in stored["nodes"]] == ["Words of the Start.", "Words of the End."]
    assert stored["nodes"][0]["position"]["x"] > stored["nodes"][1]["position"]["x"]
    assert stored["edges"][0]["data"] == {"label": "Over", "condition": "All is said"}


async def test_of_two_editors_the_refused_one_keeps_its_work(install: WholeInstall, opening: Opening) -> None:
    strange = {**_HELLO, "viewport": {"zoom": 2}}
    uuid = install.http.post(
        "/api/v1/agents", json={"name": "Shared", "workflow_definition": strange}
    ).json()["uuid"]
    async with opening() as tab, opening() as other_tab:
        console, other = tab.page, other_tab.page
        for page in (console, other):
            await sign_in(page, install)
            await page.goto(f"{install.base_url}/#/agents/{uuid}")
            await _node(page, "Hello").press("Enter")
        await console.get_by_label("Say", exact=True).fill("Mine.")
        await other.get_by_label("Say", exact=True).fill("Theirs.")
        await other.get_by_role("button", name="Save", exact=True).click()
        await expect(other.get_by_role("status").first).to_have_text("Draft, version 1, saved")
        await console.get_by_role("button", name="Save", exact=True).click()
        dialog = console.get_by_role("dialog")
        await expect(dialog.get_by_role("deletion")).to_have_text("Theirs.")
        await expect(dialog.get_by_role("insertion")).to_have_text("Mine.")
        await dialog.get_by_role("button", name="Take theirs").click()
        await expect(console.get_by_label("Say", exact=True)).to_have_value("Theirs.")
        await console.get_by_role("button", name="Undo").click()
        await expect(console.get_by_label("Say", exact=True)).to_have_value("Mine.")
        # Knowing theirs, one may save over it.
        await console.get_by_role("button", name="Save", exact=True).click()
        await expect(console.get_by_role("status").first).to_have_text("Draft, version 1, saved")
        stored = _stored(install, console)
        assert stored["nodes"][0]["data"] == {"name": "Hello", "say": "Mine."}
        assert {**stored, "nodes": _HELLO["nodes"]} == strange
        assert "status of 412" in tab.complaints.pop()


async def test_the_json_is_the_graph_and_one_talks_with_the_draft(
    install: WholeInstall, console: Page
) -> None:
    uuid = _published(install)
    await console.goto(f"/#/agents/{uuid}")
    await console.locator(".tabs button", has_text="JSON").click()
    text = console.get_by_label("Workflow as JSON")
    whole = await text.input_value()
    await text.fill(whole[:-3])
    await expect(console.get_by_role("alert")).to_contain_text("broken at line")
    await expect(_node(console, "Hello")).to_be_visible()
    await expect(console.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    await text.fill(whole.replace('"Hello."', '"Good evening.", "mood": {"of": "tomorrow"}'))
    await expect(_node(console, "Hello")).to_contain_text("Good evening.")
    # Whoever leaves now is asked, and stays.
    console.once("dialog", lambda dialog: dialog.dismiss())
    async with console.expect_event("dialog"):
        await console.get_by_role("link", name="All agents").click()
    await expect(_node(console, "Hello")).to_contain_text("Good evening.")
    await _node(console, "Hello").press("Enter")
    await console.get_by_label("Name", exact=True).fill("Hi")
    await console.get_by_role("button", name="Save", exact=True).click()
    await expect(console.get_by_role("status").first).to_have_text("Draft, version 2, saved")
    data = _stored(install, console)["nodes"][0]["data"]
    assert data == {"name": "Hi", "say": "Good evening.", "mood": {"of": "tomorrow"}}
    await console.get_by_role("button", name="Versions").click()
    await console.get_by_role("button", name="Version 1").click()
    await expect(console.get_by_role("deletion").filter(has_text="Hello.")).to_be_visible()
    await console.context.grant_permissions(["microphone"])
    await console.get_by_role("button", name="Try it").click()
    async with console.expect_popup() as opened:
        await console.get_by_role("link", name="Talk to this draft").click()
    call = await opened.value
    await expect(call.get_by_text("Its draft")).to_be_visible()
    await call.get_by_role("button", name="Call", exact=True).click()
    await expect(call.get_by_role("log")).to_contain_text("Good evening.", timeout=20_000)
    await call.get_by_role("button", name="Hang up").click()
    await expect(call.get_by_text("The call is over")).to_be_visible()


def _published(install: WholeInstall) -> str:
    uuid: str = install.http.post(
        "/api/v1/agents", json={"name": "Published", "workflow_definition": _HELLO}
    ).json()["uuid"]
    assert install.http.post(f"/api/v1/agents/{uuid}/publish").is_success
    return uuid


async def _begin(console: Page, name: str, *, by_keys: bool = False) -> None:
    await console.goto("/#/agents")
    button = console.get_by_role("button", name="New agent")
    if by_keys:
        await _by_tab(console, button)
        await console.keyboard.press("Enter")
        await expect(console.get_by_label("Name")).to_be_focused()
        await console.keyboard.type(name)
        await console.keyboard.press("Enter")
    else:
        await button.click()
        await console.get_by_label("Name").fill(name)
        await console.get_by_role("button", name="Draw it").click()
    await expect(console.get_by_role("heading", level=1)).to_have_text(name)


def _node(console: Page, name: str) -> Locator:
    return console.locator(".node").filter(has=console.locator(".name", has_text=name))


async def _draw(console: Page, source: str, target: str) -> None:
    """Drag a way from the dot of a node onto another."""
    await console.get_by_role("button", name="Fit").click()
    dot = await _node(console, source).locator(".dot").bounding_box()
    box = await _node(console, target).locator(".box").bounding_box()
    assert dot is not None
    assert box is not None
    await _drag(console, _middle(dot), _middle(box))


async def _drag_by(console: Page, node: Locator, x: float, y: float) -> None:
    box = await node.locator(".box").bounding_box()
    assert box is not None
    at = _middle(box)
    await _drag(console, at, (at[0] + x, at[1] + y))


async def _drag(console: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    await console.mouse.move(*start)
    await console.mouse.down()
    await console.mouse.move(*end, steps=5)
    await console.mouse.up()


def _middle(box: Any) -> tuple[float, float]:
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def _fill_way(console: Page, label: str) -> None:
    await console.get_by_label("Label", exact=True).fill(label)
    await console.get_by_label("Condition").fill(f"The caller: {label}")


async def _by_tab(console: Page, wanted: Locator, *, back: bool = False) -> None:
    """Go to what is wanted as somebody does who has a keyboard alone."""
    await wanted.wait_for()
    for _ in range(80):
        if await wanted.evaluate("element => element === document.activeElement"):
            return
        await console.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"No key leads to {wanted}.")


def _stored(install: WholeInstall, console: Page) -> Any:
    """Return the workflow that the API has of the agent that is shown."""
    uuid = console.url.rpartition("/")[2]
    agent = install.http.get(f"/api/v1/agents/{uuid}").json()
    shown = agent["draft"] or install.http.get(f"/api/v1/agents/{uuid}/versions/1").json()
    return shown["workflow_definition"]
