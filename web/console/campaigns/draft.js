/** A campaign as a form holds it, texts and all, and as the API takes it. */

/** @typedef {import("../../types/api.js").Schemas} Schemas */
/** @typedef {{ weekdays: string[], opens: string, closes: string }} Window */
/** @typedef {{ times: string, after_minutes: string }} Retry */
/**
 * @typedef {object} Draft
 * @property {string} name
 * @property {string} agent_uuid
 * @property {string} telephony_configuration_id empty for the default one
 * @property {string[]} from_phone_number_ids
 * @property {string} default_country
 * @property {string} start_at in the reader's own time, as `<input type="datetime-local">` writes it
 * @property {string} end_at
 * @property {Window[]} calling_windows
 * @property {boolean} respects_calling_hours
 * @property {string} max_concurrent_calls
 * @property {string} calls_per_minute
 * @property {Record<string, Retry>} retries by outcome; none of them where `times` is 0
 * @property {string} callback_url empty where it stays as it is
 */

export const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
export const OUTCOMES = ["busy", "no_answer", "voicemail", "failed"];

// What an edit of parts can't take back: there, null means that it stays.
const CLEARED_BY_THE_WHOLE = /** @type {const} */ (["telephony_configuration_id", "default_country", "start_at", "end_at"]);
const AFTER_MINUTES = { busy: "15", no_answer: "120", voicemail: "240", failed: "15" };
const MIDNIGHT = { shown: "00:00", meant: "24:00" };

/** @returns {Window} a window as one begins with it */
export const newWindow = () => ({ weekdays: WEEKDAYS.slice(0, 5), opens: "09:00", closes: "17:00" });

/** @returns {Draft} */
export const emptyDraft = () => ({
  name: "",
  agent_uuid: "",
  telephony_configuration_id: "",
  from_phone_number_ids: [],
  default_country: "",
  start_at: "",
  end_at: "",
  calling_windows: [],
  respects_calling_hours: true,
  max_concurrent_calls: "5",
  calls_per_minute: "30",
  retries: retriesOf({}),
  callback_url: "",
});

/**
 * @param {Schemas["CampaignDocument"]} campaign
 * @returns {Draft}
 */
export function draftOf(campaign) {
  return {
    name: campaign.name,
    agent_uuid: campaign.agent_uuid,
    telephony_configuration_id: campaign.telephony_configuration_id ?? "",
    from_phone_number_ids: campaign.from_phone_number_ids,
    default_country: campaign.default_country ?? "",
    start_at: localOf(campaign.start_at),
    end_at: localOf(campaign.end_at),
    calling_windows: campaign.calling_windows.map(({ weekdays, opens, closes }) => ({
      weekdays: [...weekdays],
      opens,
      closes: closes === MIDNIGHT.meant ? MIDNIGHT.shown : closes,
    })),
    respects_calling_hours: campaign.respects_calling_hours,
    max_concurrent_calls: String(campaign.max_concurrent_calls),
    calls_per_minute: String(campaign.calls_per_minute),
    retries: retriesOf(campaign.retries),
    callback_url: "",
  };
}

/**
 * Return what the API takes; what is empty is left out.
 * @param {Draft} draft
 * @param {Schemas["CampaignDocument"] | null} [before] what is edited: an instant of it that was not touched stays to the millisecond
 */
export function bodyOf(draft, before = null) {
  const body = {
    ...draft,
    name: draft.name.trim(),
    default_country: draft.default_country.trim().toUpperCase(),
    start_at: instantOf(draft.start_at, before?.start_at),
    end_at: instantOf(draft.end_at, before?.end_at),
    calling_windows: draft.calling_windows.map(({ weekdays, opens, closes }) => ({
      weekdays: WEEKDAYS.filter((day) => weekdays.includes(day)),
      opens,
      closes: closes === MIDNIGHT.shown ? MIDNIGHT.meant : closes,
    })),
    max_concurrent_calls: Number(draft.max_concurrent_calls),
    calls_per_minute: Number(draft.calls_per_minute),
    retries: rulesOf(draft.retries),
    callback_url: draft.callback_url.trim(),
  };
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== ""));
}

/**
 * Return how an edit is sent: the parts that were changed, so that what somebody else has made of the others stays; or all of
 * it anew where something of it was cleared. The callback's address is never
 * shown, so what is sent anew has to name it again: `losesCallback` where it does not.
 * @param {Schemas["CampaignDocument"]} before
 * @param {Draft} draft
 */
export function editOf(before, draft) {
  const body = bodyOf(draft, before);
  const isWhole = CLEARED_BY_THE_WHOLE.some((name) => before[name] && !(name in body));
  return {
    method: /** @type {"put" | "patch"} */ (isWhole ? "put" : "patch"),
    body: isWhole ? body : changed(bodyOf(draftOf(before), before), body),
    losesCallback: isWhole && before.has_callback && !body.callback_url,
  };
}

function changed(before, after) {
  return Object.fromEntries(Object.entries(after).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name])));
}

/** Write an instant of the API as `<input type="datetime-local">` takes it. */
export function localOf(text) {
  if (!text) return "";
  const at = new Date(text);
  const two = (number) => String(number).padStart(2, "0");
  const day = `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

function instantOf(local, before) {
  if (!local) return "";
  return before && localOf(before) === local ? before : new Date(local).toISOString();
}

function retriesOf(rules) {
  const shown = (outcome) => ({
    times: String(rules[outcome]?.times ?? 0),
    after_minutes: String(rules[outcome]?.after_minutes ?? AFTER_MINUTES[outcome]),
  });
  return Object.fromEntries(OUTCOMES.map((outcome) => [outcome, shown(outcome)]));
}

function rulesOf(retries) {
  const given = OUTCOMES.filter((outcome) => Number(retries[outcome].times) > 0);
  const rule = ({ times, after_minutes }) => ({ times: Number(times), after_minutes: Number(after_minutes) });
  return Object.fromEntries(given.map((outcome) => [outcome, rule(retries[outcome])]));
}
