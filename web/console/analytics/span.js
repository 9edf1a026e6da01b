/** What time analytics are of, and by what: as the address has it, and as the API is asked. */

const HOUR_MS = 3_600_000;
const HOURS_BY_HOUR = 14 * 24;

/** @type {Record<string, { name: string, hours: number }>} */
export const RANGES = {
  "24h": { name: "24 hours", hours: 24 },
  "7d": { name: "7 days", hours: 7 * 24 },
  "30d": { name: "30 days", hours: 30 * 24 },
  "90d": { name: "90 days", hours: 90 * 24 },
};
export const OWN = "own";
const FIRST = "7d";

/**
 * Read the address: `range` names one that ends now, `from` and `to` are dates of the reader's own, both inclusive.
 * @param {Record<string, string>} query
 * @param {Date} now
 * @returns {{ range: string, from: string, to: string | null, by: string, agent_uuid: string }} instants; `agent_uuid` is
 *   empty where agents are set beside each other
 */
export function spanOf({ range = "", from = "", to = "", by = "", agent = "" }, now) {
  const known = range === OWN || range in RANGES ? range : FIRST;
  const times = known === OWN ? ownTimes(from, to, now) : { from: backFrom(now, RANGES[known].hours), to: null };
  const hours = (+new Date(times.to ?? now) - +new Date(times.from)) / HOUR_MS;
  const shown = ["hour", "day", "agent"].includes(by) ? by : hours <= HOURS_BY_HOUR ? "hour" : "day";
  return { range: known, ...times, by: shown, agent_uuid: shown === "agent" ? "" : agent };
}

function ownTimes(from, to, now) {
  const begin = dayOf(from, 0) ?? backFrom(now, 24);
  return { from: begin, to: dayOf(to, 1) };
}

/** The beginning of a date, some days later; null for what is none. */
function dayOf(text, later) {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  return year ? new Date(Number(year), Number(month) - 1, Number(day) + later).toISOString() : null;
}

/** Full hours, so that the same is asked until the next one. */
function backFrom(now, hours) {
  return new Date(Math.floor(+now / HOUR_MS) * HOUR_MS - (hours - 1) * HOUR_MS).toISOString();
}
