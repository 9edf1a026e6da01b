import assert from "node:assert/strict";
import { test } from "node:test";

import { microphoneSentence, obstacleOf } from "../../web/audio/obstacles.js";
import { Story } from "../../web/story.js";

function told(...frames) {
  const story = new Story();
  const changed = frames.map(([type, data]) => story.take({ type, data }));
  return { story, changed, lines: [...story.lines.values()] };
}

const said = (id, speaker, text) => ["transcript", { segment_id: id, speaker, text }];

test("what seems to be said gives way to what was said", () => {
  const { lines, changed } = told(
    ["partial", { text: "that" }],
    ["partial", { text: "that works" }],
    said("c1", "caller", "That works."),
  );
  assert.deepEqual(changed, [["partial"], ["partial"], ["partial", "c1"]]);
  assert.deepEqual(lines.map(({ text, isPartial }) => [text, isPartial]), [["That works.", false]]);
});

test("a sentence that was cut off shows what was heard and what was not", () => {
  const correction = ["correction", { segment_id: "a1", original: "Hello Ada, how are you?", heard_text: "Hello Ada," }];
  const { lines, changed } = told(said("a1", "agent", "Hello Ada, how are you?"), correction);
  assert.deepEqual([lines[0].text, lines[0].unheard], ["Hello Ada,", "how are you?"]);
  assert.deepEqual(changed, [["a1"], ["a1"]]);
});

test("words that were understood better later show both", () => {
  const correction = ["correction", { segment_id: "c1", original: "for day", heard_text: "Thursday" }];
  const { lines } = told(said("c1", "caller", "for day"), correction);
  assert.deepEqual([lines[0].text, lines[0].unheard], ["Thursday", "for day"]);
});

test("a correction of a line from before the cursor is passed over", () => {
  assert.deepEqual(told(["correction", { segment_id: "a1", original: "a", heard_text: "" }]).changed, [[]]);
});

test("node, tools, values and answers are followed", () => {
  const { story } = told(
    ["status", { status: "in_progress" }],
    ["node", { from: null, to: "greet" }],
    ["node", { from: "greet", to: "which_day" }],
    ["tool-call", { call_id: "t1", name: "calendar" }],
    ["tool-result", { call_id: "t1", status: "ok", duration_ms: 120 }],
    ["context", { gathered: { day: "Thursday" } }],
    ["metrics", { turn: 1, endpointing_ms: 400, model_ms: null, voice_to_voice_ms: 640.5 }],
  );
  assert.equal(story.status, "in_progress");
  assert.equal(story.node, "which_day");
  assert.deepEqual([...story.tools.values()], [{ name: "calendar", status: "ok", ms: 120 }]);
  assert.deepEqual(Object.fromEntries(story.gathered), { day: "Thursday" });
  assert.deepEqual(story.answers, [{ turn: 1, ms: 640.5, stages: [["end of turn", 400]] }]);
});

test("the end takes what was never finished with it", () => {
  const { story, changed } = told(["partial", { text: "I w" }], ["end", { reason: "caller_hangup", disposition: null, duration_ms: 900 }]);
  assert.deepEqual(story.end, { reason: "caller_hangup", disposition: null, durationMs: 900 });
  assert.deepEqual(changed[1], ["partial"]);
  assert.equal(story.lines.size, 0);
});

test("frames of a newer release are passed over", () => {
  assert.deepEqual(told(["hologram", { depth: 3 }], ["constructor", {}]).changed, [[], []]);
});

const browser = (changes) => ({
  isSecureContext: true,
  navigator: { mediaDevices: {} },
  location: { origin: "http://192.0.2.7:8800", port: "8800", pathname: "/call" },
  AudioWorkletNode: class {},
  ...changes,
});

test("a page that is not safe says where it would be", () => {
  assert.equal(obstacleOf(browser({})), null);
  assert.match(obstacleOf(browser({ isSecureContext: false })), /http:\/\/192\.0\.2\.7:8800 is none.*https.*http:\/\/localhost:8800\/call/);
  assert.match(obstacleOf(browser({ navigator: {} })), /present Chrome/);
  assert.match(obstacleOf(browser({ AudioWorkletNode: undefined })), /present Chrome/);
});

test("each reason for which there is no microphone is a sentence of its own", () => {
  const names = ["NotAllowedError", "NotFoundError", "NotReadableError", "SecurityError", "OddError"];
  const sentences = names.map((name) => microphoneSentence({ name }));
  assert.equal(new Set(sentences).size, names.length);
  assert.match(sentences[4], /OddError/);
});
