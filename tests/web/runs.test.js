import assert from "node:assert/strict";
import { test } from "node:test";

import { filtersOf, fromField, noFilters, toField } from "../../web/console/runs/filters.js";
import { lengthOf, otherOf } from "../../web/console/runs/people.js";

test("what narrows a list is told from what else stands in its address", () => {
  const query = { status: "failed", caller: "+1 555", cursor: "abc", at: "3", limit: "200", disposition: "" };
  assert.deepEqual(filtersOf(query), { status: "failed", caller: "+1 555" });
  const { cursor, ...names } = noFilters();
  assert.equal(cursor, "");
  assert.ok(Object.keys(names).includes("created_to") && !("limit" in names));
});

test("an instant goes to the browser's own field and back", () => {
  assert.equal(fromField(toField("2026-11-20T10:05:00.000Z")), "2026-11-20T10:05:00.000Z");
  assert.deepEqual([toField(undefined), toField("soon"), fromField("")], ["", "", ""]);
});

test("who was on the phone is the other side", () => {
  const telephony = { configuration_id: null, call_id: null, caller_number: "+1", called_number: "+2" };
  assert.deepEqual(
    ["inbound", "outbound", "web"].map((direction) => otherOf({ direction, telephony })),
    ["+1", "+2", "a browser"],
  );
  assert.equal(otherOf({ direction: "inbound", telephony: { ...telephony, caller_number: null } }), "an unknown number");
});

test("a call is as long as it was used, else from its answer to its end", () => {
  const call = { usage_info: null, answered_at: "2026-11-20T10:00:00Z", ended_at: "2026-11-20T10:00:35.400Z" };
  assert.equal(lengthOf(call), 35.4);
  assert.equal(lengthOf({ ...call, answered_at: null }), null);
});
