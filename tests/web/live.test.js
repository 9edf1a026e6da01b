import assert from "node:assert/strict";
import { test } from "node:test";

import { isOver, secondsOf, sessionId, standing, wayOf, whoOf, workflowOf } from "../../web/console/live/sessions.js";

const NUMBERS = { caller_number: "+12025550100", called_number: "+12025550199" };

test("the other side of a call is whoever is not us", () => {
  const who = (direction) => whoOf({ direction, ...NUMBERS });
  assert.deepEqual(["inbound", "outbound", "web"].map(who), ["+12025550100", "+12025550199", "in a browser"]);
  assert.equal(whoOf({ direction: "inbound", caller_number: null, called_number: null }), "unknown number");
  assert.deepEqual(["inbound", "outbound", "web"].map((direction) => wayOf({ direction })), ["calls in", "is called", "web call"]);
});

test("nothing rings in a browser, and what a newer release says is shown as it says it", () => {
  assert.equal(standing({ status: "connecting", direction: "inbound" }), "rings");
  assert.equal(standing({ status: "connecting", direction: "web" }), "connects");
  assert.equal(standing({ status: "paused", direction: "web" }), "paused");
});

test("a call is over when its status is none of a call that goes on", () => {
  assert.deepEqual(["ready", "active", "completed", "expired"].map((status) => isOver({ status })), [false, false, true, true]);
});

test("a call counts from when it was answered, else from when it began, and never below nothing", () => {
  const began = "2026-11-20T10:00:00.000Z";
  const now = Date.parse(began) + 65_000;
  assert.equal(secondsOf({ started_at: began, ready_at: null }, now), 65);
  assert.equal(secondsOf({ started_at: began, ready_at: "2026-11-20T10:01:00.000Z" }, now), 5);
  assert.equal(secondsOf({ started_at: began, ready_at: null }, Date.parse(began) - 900), 0);
  assert.equal(secondsOf({ started_at: null, ready_at: null }, now), null);
});

test("after a handoff the agent is the one that talks", () => {
  assert.equal(workflowOf({ workflow_id: "wf_1", moment: null }), "wf_1");
  assert.equal(workflowOf({ workflow_id: "wf_1", moment: { workflow_id: "wf_2" } }), "wf_2");
});

test("a session is named by its id or by that of its run", () => {
  assert.deepEqual(["sess_7", "7"].map(sessionId), ["sess_7", "sess_7"]);
});
