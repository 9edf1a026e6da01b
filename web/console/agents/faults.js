/** What the check of a workflow has found, by what it is about. */

import { find } from "./document.js";

/**
 * @typedef {import("../../types/api.js").Schemas["ProblemDocument"]} Problem
 * @typedef {Problem & { isWarning: boolean, chosen: import("./document.js").Chosen | null }} Fault `chosen` is the piece
 *   that it is about, null where it is about the whole, or about what no graph shows
 */

/**
 * Return all faults, those that keep an agent from being saved first.
 * @param {{ errors: Problem[], warnings?: Problem[] }} verdict
 * @param {Record<string, any>} document the one that was checked
 * @returns {Fault[]}
 */
export function faultsOf({ errors, warnings = [] }, document) {
  const told = (isWarning) => (problem) => ({ ...problem, isWarning, chosen: chosenBy(problem, document) });
  return [...errors.map(told(false)), ...warnings.map(told(true))];
}

function chosenBy({ kind, id }, document) {
  if (kind === "workflow" || !id) return null;
  /** @type {import("./document.js").Chosen} */
  const chosen = { kind: kind === "node" ? "nodes" : "edges", id };
  return find(document, chosen) ? chosen : null;
}

/** Return the faults of one piece. */
export function faultsAt(faults, { kind, id }) {
  return faults.filter(({ chosen }) => chosen?.kind === kind && chosen.id === id);
}

/**
 * Return the sentences about a field of a piece, or about what lies in it.
 * @param {Fault[]} faults of the piece
 * @param {(string | number)[]} path
 */
export function sentencesAt(faults, path) {
  const field = path.join(".");
  return faults
    .filter((fault) => fault.field === field || fault.field?.startsWith(`${field}.`))
    .map(({ message }) => message)
    .join(" ");
}
