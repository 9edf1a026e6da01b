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

/** What is asked before another page takes the place of this one; empty where nothing would be lost. */
let question = "";

/**
 * Ask before work is left behind that is not saved, be it for another page of the console or for another site.
 * @param {string} sentence
 * @returns {() => void} asks no more
 */
export function keepUntilAsked(sentence) {
  question = sentence;
  return () => {
    question = "";
  };
}

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
  addEventListener("hashchange", follow);
  addEventListener("popstate", follow);
  addEventListener("beforeunload", (event) => {
    if (question) event.preventDefault();
  });
}

function follow() {
  const next = readPlace(location.hash);
  const { path, query } = place.value;
  if (String(next.path) !== String(path) && !mayLeave()) history.replaceState(null, "", writePlace(path, query));
  else place.value = next;
}

/** Both events tell of one step; who has said yes is not asked twice. */
function mayLeave() {
  const isLeft = !question || confirm(question);
  if (isLeft) question = "";
  return isLeft;
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
