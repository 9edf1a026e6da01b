/** A log of thousands of events: which of them are looked for, and which of those are in sight. */

/** @param {import("./clock.js").Event} event */
export const textOf = ({ type, data }) => `${type} ${JSON.stringify(data)}`.toLowerCase();

/**
 * Return the indices of the events that have all these words.
 * @param {string[]} texts as `textOf` writes them
 * @param {string} words
 */
export function found(texts, words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return texts.flatMap((text, index) => (wanted.every((word) => text.includes(word)) ? [index] : []));
}

/**
 * Return which rows are to be drawn, from the first to before the last.
 * @param {{ top: number, height: number, rowHeight: number, count: number, spare?: number }} view `top` is how far it is
 *   scrolled; `spare` rows above and below are drawn too
 */
export function inSight({ top, height, rowHeight, count, spare = 10 }) {
  const first = Math.floor(top / rowHeight) - spare;
  const last = Math.ceil((top + height) / rowHeight) + spare;
  return [Math.max(0, Math.min(first, count)), Math.max(0, Math.min(last, count))];
}
