import assert from "node:assert/strict";
import { test } from "node:test";

import { Api, ApiError } from "../../web/api.js";
import { clientFrame, Cursor, readFrame } from "../../web/frames.js";
import { afterClose } from "../../web/reconnect.js";
import { SessionSocket } from "../../web/session_socket.js";

test("a frame is read, and what is none is passed over", () => {
  const text = '{"v":1,"type":"node","seq":"7","ts":"t","session_id":"sess_1","data":{"to":"a"}}';
  assert.deepEqual(readFrame(text), { type: "node", seq: "7", ts: "t", data: { to: "a" } });
  for (const other of ["", "{", "null", "7", "[]", '{"data":{}}', '{"type":7}']) assert.equal(readFrame(other), null);
  assert.deepEqual(readFrame('{"type":"pong","data":null}'), { type: "pong", seq: null, ts: "", data: {} });
});

test("a frame to send carries the id that its answer names", () => {
  assert.deepEqual(JSON.parse(clientFrame("inject", { text: "Hi" }, "c1")), { v: 1, type: "inject", id: "c1", data: { text: "Hi" } });
});

test("a cursor passes each logged frame once, also beyond what numbers hold", () => {
  const cursor = new Cursor();
  const seqs = ["1", "2", "2", "1", null, "9007199254740993", "9007199254740992", "9007199254740994"];
  assert.deepEqual(seqs.map((seq) => cursor.passes({ seq })), [true, true, false, false, true, true, false, true]);
  assert.equal(cursor.toString(), "9007199254740994");
});

test("a session that is over, refused or broken is not connected again", () => {
  assert.deepEqual(afterClose(1000, 0), { sentence: "" });
  for (const code of [1008, 1011]) assert.ok(afterClose(code, 0).sentence);
});

test("1012 is followed at once, and not by all at the same moment", () => {
  assert.equal(afterClose(1012, 0, () => 0).afterMs, 0);
  assert.equal(afterClose(1012, 0, () => 0.5).afterMs, 250);
  assert.equal(afterClose(1006, 0, () => 0).afterMs, 0);
});

test("1013 backs off from the first time on, others from the second, up to a limit", () => {
  const waits = (code) => [0, 1, 2, 3, 9].map((attempt) => afterClose(code, attempt, () => 1).afterMs);
  assert.deepEqual(waits(1013), [1000, 2000, 4000, 8000, 15000]);
  assert.deepEqual(waits(1012), [500, 2000, 4000, 8000, 15000]);
  assert.equal(afterClose(1013, 3, () => 0).afterMs, 4000);
  assert.match(afterClose(1013, 10).sentence, /connect again/);
});

class FakeBrowser {
  constructor() {
    const made = (this.sockets = []);
    this.waits = [];
    this.Math = { random: () => 0.5 };
    this.setTimeout = (act, ms) => this.waits.push({ act, ms });
    this.WebSocket = class {
      constructor(url) {
        Object.assign(this, { url: new URL(url), readyState: 0, sent: [], bufferedAmount: 0 });
        made.push(this);
      }

      send(data) {
        this.sent.push(data);
      }

      opens() {
        this.readyState = 1;
        this.onopen();
      }

      tells(type, seq = null, data = {}) {
        this.onmessage({ data: JSON.stringify({ type, seq, data }) });
      }

      close(code) {
        this.readyState = 3;
        this.onclose?.({ code });
      }
    };
  }

  get socket() {
    return this.sockets.at(-1);
  }

  async passTime() {
    const { act, ms } = this.waits.shift();
    await act();
    return ms;
  }
}

function connected({ tokens = [], takesLine = true } = {}) {
  const browser = new FakeBrowser();
  const told = [];
  const tell = (kind) => (value) => told.push([kind, value.seq ?? value.type ?? value]);
  const api = {
    token: async () => {
      const token = tokens.shift();
      if (token instanceof Error) throw token;
      return token;
    },
  };
  const listener = { frame: tell("frame"), audio: tell("audio"), open: tell("open"), over: tell("over") };
  const socket = new SessionSocket(api, "sess_1", listener, { takesLine, url: "ws://here/ws", browser });
  socket.open("first");
  browser.socket.opens();
  browser.socket.tells("ready", null, { line: takesLine });
  return { browser, socket, told };
}

test("who takes the line says start first, and asks for the whole log", () => {
  const { browser } = connected();
  assert.equal(browser.socket.url.href, "ws://here/ws?ws_token=first&resume_from=0");
  assert.equal(JSON.parse(browser.socket.sent[0]).type, "start");
});

test("who watches sends no start, and is there at once", () => {
  const { browser, told } = connected({ takesLine: false });
  assert.deepEqual(browser.socket.sent, []);
  assert.deepEqual(told.at(0), ["open", true]);
});

test("who asked for the line is in the call when it is theirs", () => {
  const { browser, told } = connected();
  browser.socket.close(1012);
  told.length = 0;
  browser.socket.tells("ready", null, { line: false });
  assert.deepEqual(told, [["frame", "ready"]]);
  browser.socket.tells("ready", null, { line: true });
  assert.deepEqual(told.slice(1), [["open", true], ["frame", "ready"]]);
});

test("after a loss it comes back with a fresh token and its cursor, and hears nothing twice", async () => {
  const { browser, told } = connected({ tokens: ["second"] });
  browser.socket.tells("node", "1");
  browser.socket.tells("node", "2");
  browser.socket.close(1012);
  assert.equal(await browser.passTime(), 250);
  assert.equal(browser.socket.url.search, "?ws_token=second&resume_from=2");
  browser.socket.opens();
  browser.socket.tells("ready", null, { line: true });
  browser.socket.tells("node", "2");
  browser.socket.tells("node", "3");
  assert.equal(JSON.parse(browser.socket.sent[0]).type, "start");
  const frames = told.filter(([kind]) => kind === "frame").map(([, seq]) => seq);
  assert.deepEqual(frames, ["ready", "1", "2", "ready", "3"]);
  assert.deepEqual(told.filter(([kind]) => kind === "open").map(([, isOpen]) => isOpen), [true, false, true]);
});

test("an address that can't be reached is tried again later and later, until a socket works", async () => {
  const offline = new ApiError(0, "offline");
  const { browser } = connected({ tokens: [offline, offline, "third", "fourth"] });
  browser.socket.close(1006);
  assert.deepEqual([await browser.passTime(), await browser.passTime(), await browser.passTime()], [250, 1500, 3000]);
  browser.socket.opens();
  browser.socket.tells("ready", null, { line: true });
  browser.socket.close(1006);
  assert.equal(await browser.passTime(), 250);
});

test("a session that has ended meanwhile is over; a key that is refused says so", async () => {
  for (const [error, said] of [[new ApiError(404, "gone"), ""], [new ApiError(401, "The key is archived."), "The key is archived."]]) {
    const { browser, told } = connected({ tokens: [error] });
    browser.socket.close(1006);
    await browser.passTime();
    assert.deepEqual(told.at(-1), ["over", said]);
    assert.equal(browser.waits.length, 0);
  }
});

test("who leaves does not come back", () => {
  const { browser, socket, told } = connected();
  socket.close();
  assert.equal(browser.waits.length, 0);
  assert.deepEqual(told.filter(([kind]) => kind === "over"), []);
  assert.equal(socket.send("interrupt"), null);
});

test("speech goes out only while the line is this client's", () => {
  const { browser, socket } = connected();
  const chunk = new ArrayBuffer(160);
  browser.socket.tells("ready", null, { line: false });
  socket.sendAudio(chunk);
  browser.socket.tells("ready", null, { line: true });
  socket.sendAudio(chunk);
  assert.equal(browser.socket.sent.filter((sent) => sent === chunk).length, 1);
});

test("speech that the network does not take is dropped, not delayed", () => {
  const { browser, socket } = connected();
  const chunk = new ArrayBuffer(160);
  socket.sendAudio(chunk);
  browser.socket.bufferedAmount = 8000;
  socket.sendAudio(chunk);
  assert.equal(browser.socket.sent.filter((sent) => sent === chunk).length, 1);
});

const answering = (status, body) => {
  const asked = [];
  const send = async (url, request) => {
    asked.push([url, request]);
    return new Response(body, { status });
  };
  return { asked, api: new Api("dg_secret", send) };
};

test("the key goes into a header, and never into an address", async () => {
  const { asked, api } = answering(200, '{"ws_token":"t"}');
  assert.equal(await api.token("sess_1/../x"), "t");
  const [[url, request]] = asked;
  assert.equal(url, "/api/v1/streaming-sessions/sess_1%2F..%2Fx/token");
  assert.equal(request.headers["X-API-Key"], "dg_secret");
  assert.equal(request.credentials, "omit");
});

test("a refusal is the API's own sentence", async () => {
  const { api } = answering(429, '{"detail":"All places are taken."}');
  await assert.rejects(api.startSession("a"), (error) => error.message === "All places are taken." && error.isPassing);
  const bare = answering(404, "<html>");
  await assert.rejects(bare.api.session("s"), (error) => error.status === 404 && !error.isPassing && /status 404/.test(error.message));
});

test("where nothing answers, a sentence says so", async () => {
  const api = new Api("k", async () => {
    throw new TypeError("Failed to fetch");
  });
  await assert.rejects(api.agents(), (error) => error.isPassing && /can't be reached/.test(error.message));
});

test("what ended while nobody was connected is read from the log", async () => {
  const { asked, api } = answering(200, '{"items":[]}');
  assert.deepEqual(await api.events("sess_42", "17"), []);
  assert.equal(asked[0][0], "/api/v1/runs/42/events?after=17&limit=1000");
});

test("who begins to listen in comes back with audio and its cursor, and is not gone meanwhile", async () => {
  const { browser, socket, told } = connected({ takesLine: false, tokens: ["second", "third"] });
  browser.socket.tells("node", "7");
  await socket.listenIn(true);
  assert.equal(browser.socket.url.search, "?ws_token=second&resume_from=7&audio=binary");
  browser.socket.opens();
  browser.socket.tells("ready", null, { line: false });
  await socket.listenIn(false);
  assert.equal(browser.socket.url.search, "?ws_token=third&resume_from=7");
  assert.deepEqual(told.filter(([kind]) => kind !== "frame"), [["open", true], ["open", true]]);
});

test("who begins to listen while the connection is lost listens once it is back", async () => {
  const { browser, socket } = connected({ takesLine: false, tokens: ["second"] });
  browser.socket.close(1006);
  await socket.listenIn(true);
  assert.equal(browser.sockets.length, 1);
  await browser.passTime();
  assert.equal(browser.socket.url.searchParams.get("audio"), "binary");
});

test("who begins to listen before the first socket is open has it opened anew", async () => {
  const browser = new FakeBrowser();
  const listener = { frame() {}, audio() {}, open() {}, over: assert.fail };
  const socket = new SessionSocket({ token: async () => "second" }, "sess_1", listener, { url: "ws://here/ws", browser });
  socket.open("first");
  await socket.listenIn(true);
  assert.deepEqual(browser.sockets.map(({ url }) => url.searchParams.get("audio")), [null, "binary"]);
  assert.equal(browser.waits.length, 0);
});
