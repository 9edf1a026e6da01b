/** The text frames of a session's socket, `streaming-frames/1`; docs/session-frames.md describes each. */

/**
 * @typedef {object} Frame
 * @property {string} type
 * @property {string | null} seq its place in the log, null for what is not logged
 * @property {string} ts
 * @property {Record<string, any>} data
 */

/**
 * Read a frame; return null for what is none.
 * @param {string} text
 * @returns {Frame | null}
 */
export function readFrame(text) {
  let frame;
  try {
    frame = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof frame?.type !== "string") return null;
  const data = typeof frame.data === "object" && frame.data !== null ? frame.data : {};
  return { type: frame.type, seq: frame.seq ?? null, ts: frame.ts ?? "", data };
}

/**
 * Write a frame to send.
 * @param {string} type
 * @param {Record<string, any>} data
 * @param {string} id what its answer names
 */
export const clientFrame = (type, data, id) => JSON.stringify({ v: 1, type, id, data });

/** How far a client has read the log: a seq of up to 19 digits, which no number of JavaScript holds. */
export class Cursor {
  /** @param {string} [from] what is had already; `0` asks for everything */
  constructor(from = "0") {
    this._seq = BigInt(from);
  }

  toString() {
    return this._seq.toString();
  }

  /**
   * Say whether a frame is new, and count it as read.
   * @param {Frame} frame
   */
  passes({ seq }) {
    if (seq === null) return true;
    const next = BigInt(seq);
    if (next <= this._seq) return false;
    this._seq = next;
    return true;
  }
}
