import assert from "node:assert/strict";
import { test } from "node:test";

import { duration } from "../../web/console/parts/words.js";
import { readPlace, writePlace } from "../../web/console/router.js";

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
