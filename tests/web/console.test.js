import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { PAGES } from "../../web/console/pages.js";
import { duration } from "../../web/console/parts/words.js";
import { keysFor } from "../../web/console/parts/keys.js";
import { signedIn } from "../../web/console/session.js";
import { MOST, wholeList } from "../../web/console/whole_list.js";
import { go, goFromHere, keepUntilAsked, mayLeave, place, readPlace, refine, writePlace } from "../../web/console/router.js";

test("each page's modules load", async () => {
  for (const { load } of Object.values(PAGES)) assert.equal(typeof (await load()).Page, "function");
});

test("a place is read as it was written, whatever stands in it", () => {
  const query = { called: "+1 555", note: "a&b=c#d?", empty: "", none: null, of: false };
  const written = writePlace(["runs", "a/b ü"], query);
  assert.deepEqual(readPlace(written), { path: ["runs", "a/b ü"], query: { called: "+1 555", note: "a&b=c#d?", of: "false" } });
});

test("a broken fragment is a place too", () => {
  assert.deepEqual(readPlace("#/runs/%E0%A4%A?x"), { path: ["runs", "%E0%A4%A"], query: { x: "" } });
  assert.deepEqual(readPlace(""), { path: [], query: {} });
});

test("durations", () => {
  assert.deepEqual([0, 65.4, 3665, null].map(duration), ["0:00", "1:05", "1:01:05", ""]);
});

test("what is done leads on from where it was begun, and leads nobody away who has gone elsewhere", () => {
  const addresses = [];
  const keep = (_, __, fragment) => addresses.push(fragment);
  Object.assign(globalThis, { history: { pushState: keep, replaceState: keep } });
  go("#/tools/new");
  const early = goFromHere();
  refine({ of: "them" });
  early("#/tools", { replace: true });
  assert.deepEqual(place.value.path, ["tools"]);
  const late = goFromHere();
  go("#/agents/1");
  late("#/elsewhere");
  assert.deepEqual(place.value.path, ["agents", "1"]);
  // Who has come back looks at another form than the one that was sent.
  go("#/tools");
  late("#/elsewhere");
  assert.deepEqual(addresses.at(-1), "#/tools");
});

test("who would lose work is asked once, and nobody where nothing would be lost", () => {
  const asked = [];
  Object.assign(globalThis, { confirm: (sentence) => asked.push(sentence) > 1 });
  const first = keepUntilAsked("Leave it?");
  keepUntilAsked("Leave the other?");
  assert.equal(mayLeave(), false);
  first();
  assert.equal(mayLeave(), true);
  assert.equal(mayLeave(), true);
  assert.deepEqual(asked, ["Leave it?", "Leave the other?"]);
});

test("rows keep their keys, and a new one gets its own", () => {
  const three = keysFor([], 3);
  assert.equal(keysFor(three, 3), three);
  const rest = three.filter((_, index) => index !== 0);
  assert.deepEqual(keysFor(rest, 3).slice(0, 2), rest);
  assert.equal(new Set([...three, ...keysFor(rest, 3)]).size, 4);
});

test("what a page's stylesheet says holds on that page alone", async () => {
  const folder = new URL("../../web/console/", import.meta.url);
  for (const page of Object.keys(PAGES)) {
    const sheet = (await readFile(new URL(`${page}/style.css`, folder), "utf8")).replace(/\/\*.*?\*\//gs, "").trim();
    assert.match(sheet, new RegExp(`^:where\\(\\[data-page="${page}"\\]\\) \\{\\n(  .*\\n|\\n)*\\}$`), page);
  }
});

test("what is chosen from is read whole, page after page, as far as anybody would read", async () => {
  const asked = [];
  const pages = (all) => async (path, { query: { cursor, limit, status } }) => {
    asked.push([path, status]);
    const from = Number(cursor);
    const items = Array.from({ length: Math.min(limit, all - from) }, (_, index) => from + index);
    return { items, next_cursor: from + limit < all ? String(from + limit) : null };
  };
  const read = (all) => {
    signedIn.value = /** @type {any} */ ({ api: { get: pages(all) } });
    return wholeList("/api/v1/agents", { query: { status: "active" } });
  };
  assert.deepEqual(await read(450), Array.from({ length: 450 }, (_, index) => index));
  assert.deepEqual(asked, Array(3).fill(["/api/v1/agents", "active"]));
  assert.equal((await read(100_000)).length, MOST);
  signedIn.value = null;
});
