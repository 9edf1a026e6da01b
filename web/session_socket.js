/** A session's socket that outlives its connections: it reconnects with its cursor and a fresh token. */

import { clientFrame, Cursor, readFrame } from "./frames.js";
import { afterClose } from "./reconnect.js";

// A second of mu-law that the network has not taken: what is said now is worth more than what was said then.
const MOST_BUFFERED_BYTES = 8000;

/**
 * @typedef {object} Listener
 * @property {(frame: import("./frames.js").Frame) => void} frame each frame, those of the log once and in order
 * @property {(audio: ArrayBuffer) => void} audio
 * @property {(isOpen: boolean) => void} open the socket does what it is for, or will be opened again
 * @property {(sentence: string) => void} over there will be no other socket; says why, unless the session has ended
 */

/** A client of one session, which holds its line or watches it. */
export class SessionSocket {
  /**
   * @param {import("./api.js").Api} api
   * @param {string} id the session
   * @param {Listener} listener
   * @param {{ takesLine?: boolean, from?: string, url?: string, browser?: object }} options
   */
  constructor(api, id, listener, { takesLine = false, from = "0", url = addressOf(id), browser = globalThis } = {}) {
    this._api = api;
    this._id = id;
    this._listener = listener;
    this._takesLine = takesLine;
    this._listensIn = false;
    this._url = url;
    this._browser = browser;
    this._cursor = new Cursor(from);
    this._attempt = 0;
    this._sent = 0;
    this._hasLine = false;
    this._isOver = false;
    this._socket = null;
  }

  /** The seq up to which the log was read. */
  get cursor() {
    return this._cursor.toString();
  }

  /** @param {string} token */
  open(token) {
    const query = new URLSearchParams({ ws_token: token, resume_from: this.cursor });
    if (this._listensIn) query.set("audio", "binary");
    const socket = new this._browser.WebSocket(`${this._url}?${query}`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this._opened();
    socket.onmessage = ({ data }) => this._take(data);
    socket.onclose = ({ code }) => this._closed(code);
    this._socket = socket;
  }

  /**
   * Hear both voices from now on, or no longer: the socket is opened anew for it, and misses nothing.
   * @param {boolean} listensIn
   */
  async listenIn(listensIn) {
    this._listensIn = listensIn;
    // One that is about to be opened again is opened so; one that just opens was asked for otherwise.
    if (!this._isOpen && !this._isOpening) return;
    this._socket.onclose = null;
    this._socket.close(1000);
    await this._again();
  }

  /**
   * Send a frame; return its id, which the answer names, or null where no socket is open.
   * @param {string} type
   * @param {Record<string, any>} data
   */
  send(type, data = {}) {
    if (!this._isOpen) return null;
    this._sent += 1;
    const id = `c${this._sent}`;
    this._socket.send(clientFrame(type, data, id));
    return id;
  }

  /** @param {ArrayBuffer} chunk what the caller says, which goes nowhere while somebody else has the line */
  sendAudio(chunk) {
    if (this._hasLine && this._isOpen && this._socket.bufferedAmount < MOST_BUFFERED_BYTES) this._socket.send(chunk);
  }

  /** Leave; the session goes on. */
  close() {
    this._isOver = true;
    this._socket?.close(1000);
  }

  get _isOpen() {
    return this._socket?.readyState === 1;
  }

  get _isOpening() {
    return this._socket?.readyState === 0;
  }

  _opened() {
    if (this._takesLine) this.send("start");
  }

  _take(data) {
    if (typeof data !== "string") {
      this._listener.audio(data);
      return;
    }
    const frame = readFrame(data);
    if (frame?.type === "ready") this._works(frame.data.line);
    if (frame && this._cursor.passes(frame)) this._listener.frame(frame);
  }

  /** The first `ready` comes at once; who asked for the line is told by a second one that it is theirs. */
  _works(line) {
    this._attempt = 0;
    this._hasLine = line;
    if (line || !this._takesLine) this._listener.open(true);
  }

  _closed(code) {
    this._hasLine = false;
    if (this._isOver) return;
    const next = afterClose(code, this._attempt, this._browser.Math.random);
    if ("sentence" in next) {
      this._end(next.sentence);
      return;
    }
    this._attempt += 1;
    this._listener.open(false);
    this._browser.setTimeout(() => this._again(), next.afterMs);
  }

  async _again() {
    if (this._isOver) return;
    try {
      const token = await this._api.token(this._id);
      // Whoever has left meanwhile holds no place among the watchers.
      if (!this._isOver) this.open(token);
    } catch (error) {
      if (error.isPassing) this._closed(1006);
      else this._end(error.status === 404 || error.status === 409 ? "" : error.message);
    }
  }

  _end(sentence) {
    this._isOver = true;
    this._listener.over(sentence);
  }
}

/** On the page's own host, since its policy lets it connect nowhere else. */
function addressOf(id) {
  return `${location.origin.replace(/^http/, "ws")}/api/v1/streaming/sessions/${encodeURIComponent(id)}/ws`;
}
