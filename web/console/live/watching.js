/** One call that is watched: its socket, its story, what is asked of it, and whether it is listened to. */

import { openEar } from "../../audio/ear.js";
import { SessionSocket } from "../../session_socket.js";
import { Story } from "../../story.js";

const CUT_OFF = "The connection is not there just now: try again in a moment.";
const UNTOLD = "The connection was lost before the answer came: what was said tells whether it was done.";
const ANSWERS = { __proto__: null, ack: true, "inject-ack": true, error: true };

/** @typedef {"connecting" | "watching" | "again" | "over"} State */

/** Follows one session until it is over, or `close`. */
export class Watching {
  /**
   * @param {import("../../api.js").Api} api
   * @param {string} id the session
   * @param {() => void} changed told after each change, however many come
   * @param {{ openSocket?: typeof newSocket, open?: typeof openEar }} [made]
   */
  constructor(api, id, changed, { openSocket = newSocket, open = openEar } = {}) {
    this.story = new Story();
    /** @type {State} */
    this.state = "connecting";
    /** Why there is nothing more to see, where the call did not end by itself. */
    this.sentence = "";
    /** Whether the token allows to act, too. */
    this.mayOperate = false;
    /** Whether both voices are heard here: `null` while nobody listens. @type {boolean | null} */
    this.isHeard = null;
    /** Who can be heard at this moment, while somebody listens. */
    this.sounding = { caller: false, agent: false };
    this._api = api;
    this._id = id;
    this._changed = changed;
    this._open = open;
    this._isGone = false;
    /** @type {import("../../audio/ear.js").Ear | null} */
    this._ear = null;
    /** @type {Map<string, { done: () => void, refused: (error: Error) => void }>} */
    this._asked = new Map();
    this._socket = openSocket(api, id, this._listener());
  }

  /** @param {string} token */
  begin(token) {
    this._socket.open(token);
  }

  /**
   * Ask for something to be done to the call; raises an error with the sentence of who refuses it.
   * @param {string} type
   * @param {Record<string, any>} [data]
   * @returns {Promise<void>}
   */
  ask(type, data = {}) {
    const id = this._socket.send(type, data);
    if (id === null) return Promise.reject(new Error(CUT_OFF));
    return new Promise((done, refused) => this._asked.set(id, { done, refused }));
  }

  /** End the call, over REST where no socket is open. */
  async hangUp() {
    if (this.state === "watching") await this.ask("end");
    else await this._api.endSession(this._id);
  }

  /** Hear both voices; to be called from within a click. */
  async listen() {
    const ear = await this._open((who, isSounding) => {
      this.sounding = { ...this.sounding, [who]: isSounding };
      this._changed();
    });
    if (this._isGone) {
      ear.close();
      return;
    }
    this._ear = ear;
    this.isHeard = false;
    this._leaveUntold();
    await this._socket.listenIn(true);
  }

  /** Hear them no longer. */
  async stopListening() {
    this._silence();
    this._leaveUntold();
    await this._socket.listenIn(false);
  }

  /** Go away; the call goes on. */
  close() {
    this._isGone = true;
    this._silence();
    this._socket.close();
  }

  _listener() {
    return {
      frame: (frame) => this._take(frame),
      audio: (audio) => this._ear?.play(audio),
      open: (isOpen) => this._opened(isOpen),
      over: (sentence) => this._over(sentence),
    };
  }

  _take(frame) {
    const { type, data } = frame;
    if (type === "ready") this._ready(data);
    if (type in ANSWERS && data.request_id) this._answered(type, data);
    this.story.take(frame);
    this._changed();
  }

  _ready({ scope, live }) {
    this.mayOperate = scope === "operate";
    if (this._ear) this.isHeard = live;
  }

  _answered(type, { request_id: id, message }) {
    const asked = this._asked.get(id);
    this._asked.delete(id);
    if (type === "error") asked?.refused(new Error(message));
    else asked?.done();
  }

  _opened(isOpen) {
    this.state = isOpen ? "watching" : "again";
    if (!isOpen) {
      this._leaveUntold();
      if (this._ear) this.isHeard = false;
    }
    this._changed();
  }

  async _over(sentence) {
    this._isGone = true;
    this._silence();
    this._leaveUntold();
    await this._readRest();
    this.state = "over";
    this.sentence = this.story.end ? "" : sentence;
    this._changed();
  }

  /** Read what the log holds beyond the last frame: a call may end while nobody is connected. */
  async _readRest() {
    if (this.story.end) return;
    const events = await this._api.events(this._id, this._socket.cursor).catch(() => []);
    for (const event of events) this.story.take(event);
  }

  _leaveUntold() {
    for (const { refused } of this._asked.values()) refused(new Error(UNTOLD));
    this._asked.clear();
  }

  _silence() {
    this._ear?.close();
    this._ear = null;
    this.isHeard = null;
    this.sounding = { caller: false, agent: false };
    this._changed();
  }
}

const newSocket = (api, id, listener) => new SessionSocket(api, id, listener);
