/** Keys of rows that have no name of their own, so that what one types in a row stays with it when those before it go. */

import { useRef } from "../../vendor/ui.js";

let last = 0;

/**
 * Return keys for so many rows; those that were there before keep theirs.
 * @param {number[]} keys
 * @param {number} count
 */
export function keysFor(keys, count) {
  if (keys.length === count) return keys;
  if (keys.length > count) return keys.slice(0, count);
  return [...keys, ...Array.from({ length: count - keys.length }, () => (last += 1))];
}

/**
 * The keys of `count` rows. Rows are added at the end; `forget` is to be told which one is taken out.
 * @param {number} count
 * @returns {{ keys: number[], forget: (index: number) => void }}
 */
export function useKeys(count) {
  const known = useRef(/** @type {number[]} */ ([]));
  known.current = keysFor(known.current, count);
  return {
    keys: known.current,
    forget: (index) => {
      known.current = known.current.filter((_, at) => at !== index);
    },
  };
}
