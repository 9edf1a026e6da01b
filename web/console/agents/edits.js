/** What was changed, so that it can be taken back and done again. Values are never altered, only replaced. */

/** More steps than anybody takes back; each shares nearly all of its document with the next. */
const MOST_STEPS = 200;
/** What is typed into one field without a pause is one step. */
const ONE_STEP_MS = 1500;

/**
 * @template T
 * @typedef {object} History
 * @property {T[]} past oldest first
 * @property {T} present
 * @property {T[]} future the next one first
 * @property {string} field what the last edit was of, empty where the next begins a step in any case
 * @property {number} editedAtMs
 */

/**
 * @template T
 * @param {T} present
 * @returns {History<T>}
 */
export const begin = (present) => ({ past: [], present, future: [], field: "", editedAtMs: 0 });

/**
 * Edit; what comes soon after an edit of the same field counts as one with it.
 * @template T
 * @param {History<T>} history
 * @param {T} present
 * @param {{ field?: string, atMs?: number }} [of]
 * @returns {History<T>}
 */
export function edit(history, present, { field = "", atMs = 0 } = {}) {
  if (present === history.present) return history;
  const isSame = field !== "" && field === history.field && atMs - history.editedAtMs < ONE_STEP_MS;
  const past = isSame ? history.past : [...history.past, history.present].slice(-MOST_STEPS);
  return { past, present, future: [], field, editedAtMs: atMs };
}

/** @template T @param {History<T>} history @returns {History<T>} */
export function undo(history) {
  const { past, present, future } = history;
  if (!past.length) return history;
  return { past: past.slice(0, -1), present: past[past.length - 1], future: [present, ...future], field: "", editedAtMs: 0 };
}

/** @template T @param {History<T>} history @returns {History<T>} */
export function redo(history) {
  const { past, present, future } = history;
  if (!future.length) return history;
  return { past: [...past, present], present: future[0], future: future.slice(1), field: "", editedAtMs: 0 };
}

/**
 * Put another value in the place of the present one, without a step: the same as it was stored.
 * @template T @param {History<T>} history @param {T} present @returns {History<T>}
 */
export const replace = (history, present) => ({ ...history, present, field: "" });
