/** What a session of the API says of its call, in words of people. */

/** @typedef {import("../../types/api.js").Schemas["SessionDocument"]} Session */

const STATUS = {
  pending: "waits for its dial",
  scheduling: "is dialled",
  ready: "waits for its caller",
  connecting: "rings",
  active: "talks",
};

/** Of calls of a browser, nothing rings. */
const WEB_STATUS = { ...STATUS, connecting: "connects" };

/**
 * Say how far a call is.
 * @param {Pick<Session, "status" | "direction">} session
 */
export const standing = ({ status, direction }) => (direction === "web" ? WEB_STATUS : STATUS)[status] ?? status;

/** Whether it is over. @param {Pick<Session, "status">} session */
export const isOver = ({ status }) => !(status in STATUS);

/**
 * Say who talks with the agent.
 * @param {Pick<Session, "direction" | "caller_number" | "called_number">} session
 */
export function whoOf({ direction, caller_number: caller, called_number: called }) {
  if (direction === "web") return "in a browser";
  return (direction === "inbound" ? caller : called) ?? "unknown number";
}

/**
 * Say how the two came together.
 * @param {Pick<Session, "direction">} session
 */
export const wayOf = ({ direction }) => ({ web: "web call", inbound: "calls in", outbound: "is called" })[direction] ?? direction;

/**
 * Return how long a call has been going on, in seconds: since it was answered, else since it began.
 * @param {Pick<Session, "ready_at" | "started_at">} session
 * @param {number} nowMs
 */
export function secondsOf({ ready_at: answered, started_at: began }, nowMs) {
  const since = answered ?? began;
  return since ? Math.max(0, (nowMs - Date.parse(since)) / 1000) : null;
}

/** The workflow whose agent talks: another one's than at first after a handoff. @param {Session} session */
export const workflowOf = ({ moment, workflow_id: first }) => moment?.workflow_id ?? first;

/** Return the id of a session that was named by it, or by its run. @param {string} given */
export const sessionId = (given) => (/^\d+$/.test(given) ? `sess_${given}` : given);
