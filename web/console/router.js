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

/** How often another page has taken the place of one: whoever begins something can tell later whether they are still there. */
let moves = 0;

/** What is asked before another page takes the place of this one; none where nothing would be lost. */
/** @type {Set<{ sentence: string }>} */
const questions = new Set();

/**
 * Ask before work is left behind that is not saved, be it for another page of the console or for another site.
 * @param {string} sentence
 * @returns {() => void} asks no more
 */
export function keepUntilAsked(sentence) {
  const question = { sentence };
  questions.add(question);
  return () => questions.delete(question);
}

/** Ask what is to be asked before this page is left; return whether it may be. Who has said yes is not asked twice. */
export function mayLeave() {
  const [question] = questions;
  const isLeft = !question || confirm(question.sentence);
  if (isLeft) questions.clear();
  return isLeft;
}

/**
 * Go somewhere.
 * @param {string} fragment as `writePlace` writes it
 * @param {{ replace?: boolean }} [options] `replace` leaves no step to go back to
 */
export function go(fragment, { replace = false } = {}) {
  if (replace) history.replaceState(null, "", fragment);
  else history.pushState(null, "", fragment);
  arrive(readPlace(fragment));
}

/**
 * Remember the page that one is on now; return what goes on from there as `go` does once something is done, and does nothing
 * where one has left it meanwhile.
 * @returns {typeof go}
 */
export function goFromHere() {
  const begun = moves;
  return (fragment, options) => {
    if (moves === begun) go(fragment, options);
  };
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
    if (questions.size) event.preventDefault();
  });
}

function follow() {
  const next = readPlace(location.hash);
  const { path, query } = place.value;
  // Both events tell of one step: the second finds nobody elsewhere.
  if (isElsewhere(next) && !mayLeave()) history.replaceState(null, "", writePlace(path, query));
  else arrive(next);
}

/** @param {Place} next */
function arrive(next) {
  if (isElsewhere(next)) moves += 1;
  place.value = next;
}

const isElsewhere = ({ path }) => JSON.stringify(path) !== JSON.stringify(place.value.path);

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
