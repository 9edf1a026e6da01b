/** Places of the console: the fragment of the address, `#/runs/123?at=12.3`, which no server sees. */

import { signal } from "../vendor/ui.js";

/**
 * @typedef {object} Place
 * @property {string[]} path its parts, decoded: `["runs", "123"]`
 * @property {Record<string, string>} query
 */

/**
 * Read a fragment; what is broken in it is passed over.
 * @param {string} fragment with or without its `#`
 * @returns {Place}
 */
export function readPlace(fragment) {
  const [path, query = ""] = fragment.replace(/^#/, "").split("?", 2);
  return { path: path.split("/").filter(Boolean).map(decoded), query: Object.fromEntries(new URLSearchParams(query)) };
}

/**
 * Write a place as a fragment; empty values of the query are left out.
 * @param {(string | number)[]} path
 * @param {Record<string, string | number | boolean | null | undefined>} [query]
 */
export function writePlace(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return `#/${path.map(encodeURIComponent).join("/")}${text && `?${text}`}`;
}

/** Where the console is. */
export const place = signal(readPlace(globalThis.location?.hash ?? ""));

/**
 * Go somewhere.
 * @param {string} fragment as `writePlace` writes it
 * @param {{ replace?: boolean }} [options] `replace` leaves no step to go back to
 */
export function go(fragment, { replace = false } = {}) {
  if (replace) history.replaceState(null, "", fragment);
  else history.pushState(null, "", fragment);
  place.value = readPlace(fragment);
}

/** Change the query where we are, as filters do; what is null or empty goes. */
export function refine(changes, options = { replace: true }) {
  const { path, query } = place.value;
  go(writePlace(path, { ...query, ...changes }), options);
}

/** Follow the address: links, the browser's own steps back, and what is typed. */
export function followAddress() {
  addEventListener("hashchange", () => {
    place.value = readPlace(location.hash);
  });
  addEventListener("popstate", () => {
    place.value = readPlace(location.hash);
  });
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
