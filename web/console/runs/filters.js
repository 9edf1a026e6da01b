/** What narrows a list of runs: the address has the API's own names and values, so a list has a link. */

export const STATUSES = ["queued", "dialing", "ringing", "in_progress", "completed", "failed", "no_answer", "busy", "canceled"];
export const DIRECTIONS = ["inbound", "outbound", "web"];
export const LIMITS = ["50", "100", "200"];

const NAMES = ["agent_uuid", "campaign_id", "status", "direction", "disposition", "created_from", "created_to", "caller", "called"];

/**
 * Return what of an address narrows the list.
 * @param {Record<string, string>} query
 * @returns {Record<string, string>}
 */
export const filtersOf = (query) => Object.fromEntries(NAMES.flatMap((name) => (query[name] ? [[name, query[name]]] : [])));

/** Return changes of the address that take all filters off, and go to the first page. */
export const noFilters = () => Object.fromEntries([...NAMES, "cursor"].map((name) => [name, ""]));

/**
 * Return an instant as a field of the browser shows it, in the reader's own time; nothing where it is none.
 * @param {string | undefined} text
 */
export function toField(text) {
  const at = new Date(text ?? "");
  if (Number.isNaN(at.getTime())) return "";
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/**
 * Return what a field of the browser holds as an instant of the API.
 * @param {string} text
 */
export function fromField(text) {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? "" : at.toISOString();
}
