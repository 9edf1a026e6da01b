"""What a page does with the bucket, by links and under its own policy: it plays a recording, and sends a file."""

from typing import Any

from playwright.async_api import Page

from tests.support.whole_install import WholeInstall

CONTACTS = "phone_number\n+14155550100\n"
PLAYS = """async (url) => {
  const audio = new Audio();
  const told = (what) => new Promise((done, failed) => {
    audio.addEventListener(what, done, { once: true });
    audio.addEventListener("error", () => failed(new Error(audio.error.message)), { once: true });
  });
  audio.muted = true;
  audio.src = url;
  await told("loadedmetadata");
  const sought = told("seeked");
  audio.currentTime = audio.duration / 2;
  await sought;
  await audio.play();
  await told("timeupdate");
  return audio.duration;
}"""
READS = """async (url) => {
  // What a player has loaded of it came without the bucket's leave to be read, and would be taken for the answer.
  const reply = await fetch(url, { headers: { Range: "bytes=0-57" }, cache: "no-store" });
  return [reply.status, (await reply.arrayBuffer()).byteLength, reply.headers.get("Content-Range")];
}"""
SENDS = """async ([url, method, headers, text]) => {
  const reply = await fetch(url, { method, headers, body: new Blob([text]) });
  return [reply.status, Boolean(reply.headers.get("ETag"))];
}"""


async def test_a_recording_is_played_from_its_middle_and_read_in_parts(
    install: WholeInstall, confirmed: dict[str, Any], console: Page
) -> None:
    run_id = confirmed["id"]
    url = install.http.get(f"/api/v1/runs/{run_id}/recording").json()["url"]
    shown = install.http.get(f"/api/v1/runs/{run_id}/peaks").json()
    assert abs(await console.evaluate(PLAYS, url) - shown["duration_seconds"]) < 0.1
    whole = len(install.http.get(url).content)
    assert await console.evaluate(READS, url) == [206, 58, f"bytes 0-57/{whole}"]


async def test_a_file_of_contacts_is_sent(install: WholeInstall, console: Page) -> None:
    agent = {"name": "Sent by a page", "agent_uuid": install.first_line["agent_uuid"]}
    campaign = f"/api/v1/campaigns/{install.http.post('/api/v1/campaigns', json=agent).json()['id']}"
    upload = install.http.post(f"{campaign}/uploads", json={"size_bytes": len(CONTACTS)}).json()
    sent = await console.evaluate(SENDS, [upload["url"], upload["method"], upload["headers"], CONTACTS])
    assert sent == [200, True]
    begun = install.http.post(f"{campaign}/imports", json={"upload_id": upload["upload_id"]})
    assert begun.status_code == 202
