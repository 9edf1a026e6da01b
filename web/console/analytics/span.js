/** What time analytics are of, and by what: as the address has it, and as the API is asked. */

const HOUR_MS = 3_600_000;
const HOURS_BY_HOUR = 14 * 24;
// Of a longer time, the API adds up agents by days.
const HOURS_BY_AGENT = 2 * 24;

/** @type {Record<string, { name: string, hours: number }>} */
export const RANGES = {
  // Names of an object's own kind are no ranges.
  __proto__: /** @type {any} */ (null),
  "24h": { name: "24 hours", hours: 24 },
  "7d": { name: "7 days", hours: 7 * 24 },
  "30d": { name: "30 days", hours: 30 * 24 },
  "90d": { name: "90 days", hours: 90 * 24 },
};
export const OWN = "own";
const FIRST = "7d";

/**
 * Read the address: `range` names one that ends now, `from` and `to` are dates, both inclusive: the reader's own, but those
 * of UTC where figures are of whole days, which are counted so.
 * @param {Record<string, string>} query
 * @param {Date} now
 * @returns {{ range: string, from: string, to: string | null, by: string, agent_uuid: string, isOfDays: boolean }}
 *   instants; `agent_uuid` is empty where agents are set beside each other, `isOfDays` tells of days of UTC
 */
export function spanOf({ range = "", from = "", to = "", by = "", agent = "" }, now) {
  const known = range === OWN || range in RANGES ? range : FIRST;
  const timesOf = (isOfDays) => (known === OWN ? ownTimes(from, to, now, isOfDays) : { from: backFrom(now, RANGES[known].hours), to: null });
  const own = timesOf(false);
  const hours = (+new Date(own.to ?? now) - +new Date(own.from)) / HOUR_MS;
  const shown = ["hour", "day", "agent"].includes(by) ? by : hours <= HOURS_BY_HOUR ? "hour" : "day";
  const isOfDays = shown === "day" || (shown === "agent" && hours > HOURS_BY_AGENT);
  return { range: known, ...timesOf(isOfDays), by: shown, agent_uuid: shown === "agent" ? "" : agent, isOfDays };
}

function ownTimes(from, to, now, isOfDays) {
  const begin = dayOf(from, 0, isOfDays) ?? backFrom(now, 24);
  return { from: begin, to: dayOf(to, 1, isOfDays) };
}

/** The beginning of a date, some days later; null for what is none. */
function dayOf(text, later, isUtc) {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (!year) return null;
  const date = /** @type {const} */ ([Number(year), Number(month) - 1, Number(day) + later]);
  return (isUtc ? new Date(Date.UTC(...date)) : new Date(...date)).toISOString();
}

/** Full hours, so that the same is asked until the next one. */
function backFrom(now, hours) {
  return new Date(Math.floor(+now / HOUR_MS) * HOUR_MS - (hours - 1) * HOUR_MS).toISOString();
}
