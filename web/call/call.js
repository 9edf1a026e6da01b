/** One session on the page: its sound, its socket, its story and what the buttons do. */

import { SessionSocket } from "../session_socket.js";
import { Story } from "../story.js";
import { at, clock, View } from "./view.js";

const ANSWERS = new Set(["ack", "inject-ack", "error"]);
const CUT_OFF = "The connection is not there just now: try again in a moment.";

/** A call that the page makes (with a `sound`), or one that it watches (without). */
export class Call {
  /**
   * @param {import("../api.js").Api} api
   * @param {{ id: string, nodes: Map<string, string>, takesLine: boolean }} session
   * @param {(sentence: string) => void} onOver
   */
  constructor(api, { id, nodes, takesLine }, onOver) {
    this._api = api;
    this._id = id;
    this._takesLine = takesLine;
    this._onOver = onOver;
    this._story = new Story();
    this._view = new View(nodes, { isCaller: takesLine });
    this._socket = new SessionSocket(api, id, this._listener(), { takesLine });
    this._sound = null;
    this._began = Date.now();
    this._clock = setInterval(() => this._tick(), 500);
    this._asked = new Map();
  }

  /** @param {string} token @param {import("../audio/sound.js").Sound | null} sound */
  open(token, sound) {
    this._sound = sound;
    this._view.state("connecting");
    this._socket.open(token);
  }

  /** What the microphone has heard. */
  hear(chunk) {
    this._socket.sendAudio(chunk);
  }

  /** The caller has heard all up to a mark. */
  played(name) {
    this._socket.send("played", { name });
  }

  sounding(who, isSounding) {
    this._view.sounding(who, isSounding);
  }

  /** Ask for something to be done to the call; the answer is shown beside the form. */
  ask(type, data, done) {
    const id = this._socket.send(type, data);
    if (id === null) at("answer").textContent = CUT_OFF;
    else this._asked.set(id, done);
  }

  /** End the session, over REST where no socket is open. */
  async hangUp() {
    if (this._socket.send("end") === null) await this._api.endSession(this._id);
  }

  /** Go away; who holds no line leaves the call as it is. */
  close() {
    clearInterval(this._clock);
    this._socket.close();
    this._sound?.close();
    this._sound = null;
  }

  _listener() {
    return {
      frame: (frame) => this._take(frame),
      audio: (audio) => this._sound?.play(audio),
      open: (isOpen) => this._opened(isOpen),
      over: (sentence) => this._over(sentence),
    };
  }

  _take(frame) {
    const { type, data } = frame;
    if (type === "clear") this._sound?.clear();
    else if (type === "mark") this._sound?.mark(data.name);
    else if (ANSWERS.has(type) && data.request_id) this._answered(data);
    this._view.show(this._story, this._story.take(frame));
  }

  _answered({ request_id: id, message }) {
    const done = this._asked.get(id);
    this._asked.delete(id);
    at("answer").textContent = message ?? done ?? "";
  }

  _opened(isOpen) {
    const open = this._takesLine ? "open" : "watching";
    this._view.state(isOpen ? open : "again");
    // Nothing is known of what was still to be said: the server takes it back, and says it again.
    if (!isOpen) this._sound?.clear();
  }

  async _over(sentence) {
    this.close();
    await this._readRest();
    this._view.partial();
    this._view.state("over");
    const elsewhere = this._takesLine ? "Another window has this call now." : "";
    this._onOver(sentence || (this._story.end ? "" : elsewhere));
  }

  /** Read what the log holds beyond the last frame: a call may end while nobody is connected. */
  async _readRest() {
    if (this._story.end) return;
    const events = await this._api.events(this._id, this._socket.cursor).catch(() => []);
    for (const event of events) this._view.show(this._story, this._story.take(event));
  }

  _tick() {
    at("clock").textContent = clock(Date.now() - this._began);
  }
}
