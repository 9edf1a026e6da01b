import assert from "node:assert/strict";
import { test } from "node:test";

import { bars } from "../../web/console/runs/bars.js";
import { indexAt, momentsOf } from "../../web/console/runs/clock.js";
import { found, inSight, textOf } from "../../web/console/runs/search.js";
import { tell, versionsOf } from "../../web/console/runs/telling.js";
import { waterfall } from "../../web/console/runs/waterfall.js";

/** Make a log of `[seconds since noon, type, data]`. */
const log = (...events) =>
  events.map(([second, type, data], index) => ({ seq: index + 1, at: new Date(Date.UTC(2026, 10, 20, 12) + second * 1000).toISOString(), type, data }));
const said = (id, speaker, text, start_ms) => ["transcript", { segment_id: id, speaker, text, start_ms, end_ms: null, turn: 1, node_id: "n" }];
const told = (...events) => tell(log(...events), momentsOf(log(...events)));

test("what names its moment stands there, and what names none by its instant", () => {
  // The audio began 0.4 s after the log; the first speech event is written without delay, the key a little later.
  const events = log(
    [0, "takeover", { epoch: 1 }],
    [0.5, "node", { to: "greet" }],
    [0.5, ...said("s1", "agent", "Hello", 300)],
    [2.4, "speech", { offset_ms: 2000 }],
    [4.5, "dtmf", { offset_ms: 4000 }],
    [5.4, "node", { to: "bye" }],
    [6, "end", { duration_ms: 5500 }],
  );
  assert.deepEqual(momentsOf(events), [0, 0.1, 0.3, 2, 4, 5, 5.5]);
});

test("who takes a call over has a clock of its own, and the one before it until something tells it", () => {
  const events = log(
    [0, "takeover", { epoch: 1 }],
    [1, "speech", { offset_ms: 1000 }],
    [9, "takeover", { epoch: 2 }],
    [9.7, "speech", { offset_ms: 9500 }],
    [10.2, "node", { to: "bye" }],
    [20, "takeover", { epoch: 3 }],
  );
  assert.deepEqual(momentsOf(events), [0, 1, 8.8, 9.5, 10, 19.8]);
});

test("a log that names no moment goes by its own beginning, and an empty one is no fault", () => {
  assert.deepEqual(momentsOf(log([3, "takeover", {}], [4.5, "node", {}])), [0, 1.5]);
  assert.deepEqual(momentsOf([]), []);
});

test("the line of a moment is the last that has begun", () => {
  assert.deepEqual([0, 0.3, 2.9, 3, 99].map((seconds) => indexAt([0.3, 3], seconds)), [-1, 0, 0, 1, 1]);
  assert.equal(indexAt([0.3, 2.98], 2.9799), 1);
});

test("a line that was cut off tells what was heard, by whom it was cut, and where", () => {
  const { lines } = told(
    [0, "takeover", {}],
    [1, ...said("s1", "agent", "Hello Ada, how are you?", 1000)],
    [2, "interrupt", { segment_id: "s1", by: "caller", heard_ms: 900, offset_ms: 1900 }],
    [2, "correction", { segment_id: "s1", original: "Hello Ada, how are you?", heard_text: "Hello Ada," }],
    [2.5, "partial", { text: "I", offset_ms: 2400 }],
    [3, ...said("c1", "caller", "I am fine", 1800)],
  );
  assert.deepEqual(
    lines.map(({ who, text, unheard, start, cut }) => [who, text, unheard, start, cut]),
    [
      ["agent", "Hello Ada,", "how are you?", 1, { by: "caller", seconds: 1.9, heardMs: 900 }],
      ["caller", "I am fine", "", 1.8, null],
    ],
  );
});

test("lines stand in the order in which they sounded", () => {
  const { lines } = told([0, ...said("s2", "agent", "b", 4000)], [1, ...said("c1", "caller", "a", 3500)]);
  assert.deepEqual(lines.map(({ text }) => text), ["a", "b"]);
});

test("the way goes through nodes, tools and other agents", () => {
  const events = log(
    [0, "takeover", { epoch: 1 }],
    [0, "node", { to: "greet", reason: "start", offset_ms: 0 }],
    [1, "tool-call", { call_id: "t", name: "calendar" }],
    [2, "tool-result", { call_id: "t", status: "ok", duration_ms: 900 }],
    [3, "handoff", { state: "completed", to_agent: "Billing", to_agent_uuid: "b", to_version: 4, reason: "asks for a bill", failure: null }],
    [3, "node", { to: "ask", reason: "handoff" }],
    [4, "tool-call", { call_id: "u", name: "ledger" }],
    [5, "takeover", { epoch: 2 }],
    [6, "of-a-newer-release", { anything: null }],
    [7, "transfer", { mode: "cold", state: "failed", reason: "busy" }],
    [8, "transfer", { mode: "warm", state: "started", reason: null, command_id: "o1" }],
  );
  const { steps } = tell(events, momentsOf(events));
  assert.deepEqual(
    steps.map(({ kind, name, reason, agentUuid }) => [kind, name, reason, agentUuid]),
    [
      ["node", "greet", "start", ""],
      ["tool", "calendar", "ok after 900 ms", ""],
      ["handoff", "Billing: completed", "asks for a bill", "b"],
      ["node", "ask", "handoff", "b"],
      ["tool", "ledger", "no answer", "b"],
      ["takeover", "Another process goes on with the call", "", "b"],
      ["transfer", "failed", "busy", "b"],
      ["transfer", "started", "warm, by an operator", "b"],
    ],
  );
  assert.deepEqual(versionsOf({ agent_uuid: "a", version: 2 }, events), [["a", 2], ["b", 4]]);
});

test("an answer is waited for from the caller's last sound on", () => {
  const { answers } = told([0, "speech", { offset_ms: 0 }], [10, "metrics", { turn: 1, endpointing_ms: 400, model_ms: null, synthesis_ms: 100, voice_to_voice_ms: 500 }]);
  assert.deepEqual(answers, [{ turn: 1, ms: 500, start: 9.5, stages: [["end of turn", 400], ["voice", 100]] }]);
});

test("the stages of an answer follow each other, on the scale of the longest", () => {
  const answer = { turn: 1, start: 0, ms: 900, stages: [["end of turn", 600], ["model", 0], ["voice", 300]] };
  const { scaleMs, rows } = waterfall([answer, { turn: 2, start: 5, ms: null, stages: [["voice", 250]] }]);
  assert.equal(scaleMs, 1000);
  assert.deepEqual(rows[0].bars, [
    { stage: "end of turn", ms: 600, left: 0, width: 60 },
    { stage: "voice", ms: 300, left: 60, width: 30 },
  ]);
  assert.deepEqual([rows[1].ms, rows[1].bars[0].width], [250, 25]);
  assert.deepEqual(waterfall([{ turn: 1, start: 0, ms: null, stages: [] }]).rows, [{ turn: 1, start: 0, ms: null, bars: [] }]);
  assert.deepEqual(waterfall([]).rows, []);
  assert.deepEqual([1, 20, 21, 501, 1000].map((ms) => waterfall([{ turn: 1, start: 0, ms, stages: [] }]).scaleMs), [1, 20, 50, 1000, 1000]);
});

test("each bar is the loudest of its peaks, and all of them are seen", () => {
  assert.deepEqual(bars([0, 10, 100, 0], 2), [0.1, 1]);
  assert.deepEqual(bars([50, 100], 4), [0.5, 0.5, 1, 1]);
  assert.deepEqual(bars([], 4), []);
  const hour = Array(36_000).fill(0);
  hour[35_999] = 100;
  assert.deepEqual([bars(hour, 300).length, bars(hour, 300).at(-1)], [300, 1]);
});

test("events are found by words of their type and of all that they say", () => {
  const texts = log([0, ...said("s1", "agent", "Hello Ada", 0)], [1, "node", { to: "greet" }]).map(textOf);
  assert.deepEqual(found(texts, "  TRANSCRIPT ada"), [0]);
  assert.deepEqual([found(texts, ""), found(texts, "greet"), found(texts, "ada greet")], [[0, 1], [1], []]);
});

test("of thousands of rows those in sight are drawn", () => {
  const view = { rowHeight: 32, height: 384, count: 5000 };
  assert.deepEqual(inSight({ ...view, top: 0 }), [0, 22]);
  assert.deepEqual(inSight({ ...view, top: 32_000 }), [990, 1022]);
  assert.deepEqual(inSight({ ...view, top: 999_999, count: 3 }), [3, 3]);
});
