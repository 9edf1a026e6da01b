/** How far a campaign is, as a bar and a table show it. */

import { words } from "../parts/words.js";

/** @typedef {import("../../types/api.js").Schemas["ProgressDocument"]} Progress */

/**
 * Return where the contacts are, in the order of the bar; each stands in one part.
 * @param {Progress} progress
 * @returns {{ kind: string, name: string, count: number, from: number }[]} `from` is how many stand before them
 */
export function partsOf(progress) {
  const parts = [
    { kind: "done", name: "done", count: doneOf(progress) },
    { kind: "talking", name: "talking", count: progress.talking },
    { kind: "dialling", name: "being dialled", count: progress.dialling },
    { kind: "waiting", name: "to be called again", count: progress.waiting },
    { kind: "new", name: "not called yet", count: progress.new },
    { kind: "canceled", name: "left uncalled when it ended", count: progress.canceled },
    { kind: "duplicate", name: "passed over as duplicates", count: progress.duplicates },
  ];
  let from = 0;
  return parts.map((part) => ({ ...part, from: (from += part.count) - part.count }));
}

/** Return how many contacts nothing more comes of. */
export const doneOf = ({ done }) => Object.values(done).reduce((sum, count) => sum + count, 0);

/**
 * Return how calls have ended, the most frequent first.
 * @param {Progress} progress
 * @returns {{ name: string, count: number, share: number }[]} `share` is of all that is done, 0 to 1
 */
export function outcomesOf(progress) {
  const all = doneOf(progress);
  return Object.entries(progress.done)
    .map(([disposition, count]) => ({ name: words(disposition), count, share: all ? count / all : 0 }))
    .sort((one, other) => other.count - one.count || one.name.localeCompare(other.name));
}

/** Say how far it is, as one sentence. */
export function sentenceOf(progress) {
  const going = partsOf(progress).filter(({ kind, count }) => count && !["done", "new"].includes(kind));
  const rest = going.map(({ name, count }) => `, ${count} ${name}`).join("");
  return `${doneOf(progress)} of ${progress.contacts} done${rest}`;
}

/**
 * Say whether something may still change by itself: a draft and what is over with its last call do not.
 * @param {Progress} progress
 */
export const isMoving = ({ status, talking, dialling }) => status === "running" || talking + dialling > 0;
