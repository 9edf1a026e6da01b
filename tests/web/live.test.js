import assert from "node:assert/strict";
import { test } from "node:test";

import { tracksOf } from "../../web/audio/ear.js";
import { isOver, secondsOf, sessionId, standing, wayOf, whoOf, workflowOf } from "../../web/console/live/sessions.js";
import { destinationsOf } from "../../web/console/live/agents.js";
import { asked, progress } from "../../web/console/live/transfer.js";
import { Watching } from "../../web/console/live/watching.js";

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

test("how far a transfer is, is told in words, and nothing of one that is over", () => {
  const told = (state, reason = null) => progress({ state, reason, mode: "warm" });
  assert.equal(progress(null), "");
  assert.equal(told("started"), "Putting the caller through …");
  assert.equal(told("failed", "no-answer"), "Nobody was reached: no answer");
  assert.deepEqual([told("completed"), told("of-a-newer-release")], ["", ""]);
});

test("what is asked of a transfer leaves out what is not filled in", () => {
  const values = { to: " +14155550100 ", mode: "cold", summary: "Ada waits.", say: " " };
  assert.deepEqual(asked(values), { to: "+14155550100", mode: "cold" });
  assert.deepEqual(asked({ ...values, mode: "warm", say: "Wait." }), { to: "+14155550100", mode: "warm", summary: "Ada waits.", say: "Wait." });
});

test("an agent's own destinations are those of its nodes, each once, but for templates", () => {
  const node = (id, to) => ({ id, data: { name: `Node ${id}`, transfer: { to } } });
  const nodes = [node("a", "+1"), node("b", "{{desk}}"), node("c", "+1"), { id: "d" }, node("e", 7)];
  assert.deepEqual(destinationsOf(nodes), [["+1", "Node c"]]);
});

/** A session's socket that is told what the server does. */
class FakeSocket {
  constructor(listener) {
    Object.assign(this, { listener, sent: [], audio: [], isClosed: false, cursor: "3" });
  }

  open(token) {
    this.token = token;
    this.listener.open(true);
  }

  send(type, data) {
    if (this.isAway) return null;
    return `c${this.sent.push([type, data])}`;
  }

  async listenIn(listensIn) {
    this.audio.push(listensIn);
  }

  close() {
    this.isClosed = true;
  }

  tells(type, data) {
    this.listener.frame({ type, seq: null, ts: "", data });
  }
}

function watched({ api = {}, ear = { play() {}, close() {} } } = {}) {
  let changes = 0;
  let socket = null;
  const openSocket = (_, __, listener) => (socket = new FakeSocket(listener));
  const watching = new Watching(api, "sess_7", () => (changes += 1), { openSocket, open: async () => ear });
  watching.begin("token");
  return { watching, socket, changes: () => changes };
}

test("what is asked for is done once it is answered, or refused in the answer's words", async () => {
  const { watching, socket } = watched();
  const done = watching.ask("inject", { text: "Hello" });
  const refused = watching.ask("dtmf", { digits: "1" });
  socket.tells("error", { request_id: "c2", message: "Nobody is there." });
  socket.tells("inject-ack", { request_id: "c1" });
  await done;
  await assert.rejects(refused, /Nobody is there/);
  assert.deepEqual(socket.sent, [["inject", { text: "Hello" }], ["dtmf", { digits: "1" }]]);
});

test("what was asked for when the connection broke is not taken for done", async () => {
  const { watching, socket } = watched();
  const asked = watching.ask("interrupt");
  socket.listener.open(false);
  await assert.rejects(asked, /lost before the answer/);
  assert.equal(watching.state, "again");
  socket.isAway = true;
  await assert.rejects(watching.ask("interrupt"), /try again/);
});

test("a call is hung up over REST where no socket is open", async () => {
  const ended = [];
  const { watching, socket } = watched({ api: { endSession: async (id) => ended.push(id) } });
  socket.listener.open(false);
  await watching.hangUp();
  assert.deepEqual([ended, socket.sent], [["sess_7"], []]);
});

test("what ended while nobody was connected is read from the log", async () => {
  const events = async (...asked) => {
    assert.deepEqual(asked, ["sess_7", "3"]);
    return [{ type: "end", data: { reason: "end_call", disposition: "confirmed", duration_ms: 9 } }];
  };
  const { watching, socket } = watched({ api: { events } });
  await socket.listener.over("The connection is lost.");
  assert.deepEqual([watching.state, watching.sentence, watching.story.end.disposition], ["over", "", "confirmed"]);
});

test("who listens hears what comes until they stop, or the call is over", async () => {
  const played = [];
  const ear = { play: (audio) => played.push(audio), close: () => played.push("closed") };
  const { watching, socket } = watched({ ear });
  socket.tells("ready", { scope: "operate", live: false });
  assert.equal(watching.isHeard, null);
  await watching.listen();
  socket.tells("ready", { scope: "operate", live: true });
  socket.listener.audio("sound");
  assert.deepEqual([watching.isHeard, watching.mayOperate], [true, true]);
  socket.listener.open(false);
  assert.equal(watching.isHeard, false);
  socket.tells("ready", { scope: "operate", live: true });
  assert.equal(watching.isHeard, true);
  await watching.stopListening();
  socket.listener.audio("more");
  assert.deepEqual([played, socket.audio, watching.isHeard], [["sound", "closed"], [true, false], null]);
});

test("a loudspeaker that opens too late is closed again", async () => {
  let isClosed = false;
  const { watching, socket } = watched({ ear: { close: () => (isClosed = true) } });
  const opening = watching.listen();
  watching.close();
  await opening;
  assert.deepEqual([isClosed, socket.isClosed, socket.audio], [true, true, []]);
});

test("both voices are taken apart, sample by sample", () => {
  const tracks = tracksOf(Uint8Array.of(1, 11, 2, 12, 3, 13).buffer).map((track) => [...new Uint8Array(track)]);
  assert.deepEqual(tracks, [[1, 2, 3], [11, 12, 13]]);
});
