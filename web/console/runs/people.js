/** Who was on the phone, and how long. */

/** @typedef {import("../../types/api.js").Schemas["RunDocument"]} RunDocument */

/**
 * Return who talked with the agent: a number, or who was at a browser.
 * @param {Pick<RunDocument, "direction" | "telephony">} run
 */
export function otherOf({ direction, telephony }) {
  if (direction === "web") return "a browser";
  return (direction === "inbound" ? telephony.caller_number : telephony.called_number) ?? "an unknown number";
}

/**
 * Return how long a call was, in seconds: null where nobody has answered, or it goes on.
 * @param {Pick<RunDocument, "usage_info" | "answered_at" | "ended_at">} run
 */
export function lengthOf({ usage_info: usage, answered_at: answered, ended_at: ended }) {
  if (usage) return usage.call_duration_seconds;
  return answered && ended ? (Date.parse(ended) - Date.parse(answered)) / 1000 : null;
}
