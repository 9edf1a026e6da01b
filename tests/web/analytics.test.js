import assert from "node:assert/strict";
import { test } from "node:test";

import { figure, hasAny, labelOf, linesOf, METRICS, rowsOf } from "../../web/console/analytics/figures.js";
import { spanOf } from "../../web/console/analytics/span.js";

const NOW = new Date("2027-03-01T10:20:30.400Z");
const REPLY = /** @type {any} */ ({
  by: "hour",
  starts: [3600, 7200, 10800],
  agents: [],
  series: { total: [2, 0, 1], completed: [1, 0, null] },
  totals: { total: 3, completed: 1 },
});

test("what is asked of the last hours stays the same within one", () => {
  const first = spanOf({ range: "24h" }, NOW);
  assert.deepEqual(first, { range: "24h", from: "2027-02-28T11:00:00.000Z", to: null, by: "hour", agent_uuid: "", isOfDays: false });
  assert.deepEqual(spanOf({ range: "24h" }, new Date("2027-03-01T10:59:59Z")), first);
});

test("what is longer than hours are told of is by day, unless somebody says so", () => {
  assert.deepEqual(["7d", "30d", "90d"].map((range) => spanOf({ range }, NOW).by), ["hour", "day", "day"]);
  assert.equal(spanOf({ range: "7d", by: "day" }, NOW).by, "day");
});

test("an agent is not asked for where agents stand beside each other", () => {
  assert.equal(spanOf({ agent: "a1" }, NOW).agent_uuid, "a1");
  assert.equal(spanOf({ agent: "a1", by: "agent" }, NOW).agent_uuid, "");
});

test("days of one's own are whole ones, and what is broken in an address is passed over", () => {
  const { from, to } = spanOf({ range: "own", from: "2027-02-01", to: "2027-02-02" }, NOW);
  assert.deepEqual([from, to], [new Date(2027, 1, 1).toISOString(), new Date(2027, 1, 3).toISOString()]);
  for (const range of ["constructor", "toString"]) assert.equal(spanOf({ range }, NOW).range, "7d");
  assert.equal(spanOf({ range: "own", from: "tomorrow" }, NOW).from, "2027-02-28T11:00:00.000Z");
  assert.equal(spanOf({ range: "forever", by: "minute" }, NOW).range, "7d");
});

test("where whole days are counted, they are those of UTC, wherever the reader is", () => {
  const own = { range: "own", from: "2027-02-01", to: "2027-02-05" };
  const asked = (by) => spanOf({ ...own, by }, NOW);
  for (const by of ["day", "agent"]) {
    assert.deepEqual([asked(by).from, asked(by).to, asked(by).isOfDays], ["2027-02-01T00:00:00.000Z", "2027-02-06T00:00:00.000Z", true]);
  }
  assert.equal(asked("hour").isOfDays, false);
  assert.deepEqual(["24h", "7d"].map((range) => spanOf({ range, by: "agent" }, NOW).isOfDays), [false, true]);
});

test("figures have their units, and a dash where there is none", () => {
  const shown = { total: 3, p95_ms: 420.4, rate: 0.654, total_usd: 1.5, average_seconds: 65, average: 0.126, peak: null };
  assert.deepEqual(
    Object.entries(shown).map(([name, value]) => figure(name, value)),
    ["3", "420 ms", "65.4 %", "$1.50", "1:05", "0.13", "–"],
  );
});

test("names are words, those of stages without their unit", () => {
  assert.deepEqual(["no_answer", "endpointing_p95_ms", "p95_ms"].map((name) => labelOf("latency", name)), ["no answer", "endpointing", "95th percentile"]);
  assert.deepEqual(["rate", "*"].map((name) => labelOf("dispositions", name)), ["rate", "all others"]);
});

test("a table leaves out the hours in which nothing was", () => {
  assert.deepEqual(rowsOf(REPLY, ["total", "completed"]), [
    { at: 3600, values: [2, 1] },
    { at: 10800, values: [1, null] },
  ]);
});

test("a rate of nothing is told where there was something, and left out where there was not", () => {
  const reply = { ...REPLY, starts: [1, 2], series: { rate: [0, null], person_rate: [0, null] } };
  assert.deepEqual(rowsOf(reply, ["rate", "person_rate"]), [{ at: 1, values: [0, 0] }]);
});

test("there is something to show where any figure is", () => {
  const of = (metric) => METRICS.find((shown) => shown.metric === metric);
  assert.ok(hasAny({ ...REPLY, totals: { average: 0, peak: 1 } }, of("concurrency")));
  assert.ok(hasAny({ ...REPLY, totals: { total_usd: 0, unpriced_runs: 2 } }, of("cost")));
  assert.ok(!hasAny({ ...REPLY, totals: { p50_ms: null, p95_ms: null, turns: 0 } }, of("latency")));
});

test("dispositions are the six most frequent, and nothing is empty", () => {
  const totals = Object.fromEntries([..."abcdefgh"].map((name) => [name, 1]));
  const dispositions = METRICS[1];
  assert.deepEqual(linesOf({ ...REPLY, totals }, dispositions.plots[0]), [..."abcdef"]);
  assert.deepEqual([{}, totals].map((found) => hasAny({ ...REPLY, totals: found }, dispositions)), [false, true]);
  assert.equal(hasAny({ ...REPLY, totals: { total: 0 } }, METRICS[0]), false);
});
