/** What differs between two states of an agent: by node, edge and field. */

import { nameOf, pieces } from "./document.js";

/**
 * @typedef {{ path: string, before: unknown, after: unknown }} FieldChange `undefined` where it is not there
 * @typedef {object} PieceChange
 * @property {"nodes" | "edges" | "workflow" | "settings" | "agent"} kind
 * @property {string} id
 * @property {string} name
 * @property {"added" | "removed" | "changed" | "moved"} change `moved` where nothing but a place has changed
 * @property {FieldChange[]} fields
 */

/**
 * Compare two states of what the editor edits.
 * @param {import("./work.js").Work} before
 * @param {import("./work.js").Work} after
 * @returns {PieceChange[]}
 */
export function compare(before, after) {
  const { workflow_definition: old, settings: oldSettings, ...oldFacts } = before;
  const { workflow_definition: now, settings, ...facts } = after;
  const { nodes: _, edges: __, ...oldRest } = old;
  const { nodes: ___, edges: ____, ...rest } = now;
  return [
    ...whole("agent", oldFacts, facts),
    ...piecesOf("nodes", old, now),
    ...piecesOf("edges", old, now),
    ...whole("workflow", oldRest, rest),
    ...whole("settings", oldSettings, settings),
  ];
}

/** Say whether two values of JSON are the same, whatever the order of their keys. */
export const same = (one, other) => fields(one, other).length === 0;

/** @returns {PieceChange[]} */
function whole(kind, before, after) {
  const changed = fields(before, after);
  return changed.length ? [{ kind, id: "", name: "", change: "changed", fields: changed }] : [];
}

/** @returns {PieceChange[]} */
function piecesOf(kind, before, after) {
  const [old, now] = [byId(before, kind), byId(after, kind)];
  /** @type {PieceChange[]} */
  const found = [];
  for (const [id, piece] of old) {
    const other = now.get(id);
    if (!other) found.push({ kind, id, name: nameOf(piece), change: "removed", fields: [] });
    else found.push(...pieceChange(kind, piece, other));
  }
  for (const [id, piece] of now) if (!old.has(id)) found.push({ kind, id, name: nameOf(piece), change: "added", fields: fields({}, piece) });
  return found;
}

/** @returns {PieceChange[]} */
function pieceChange(kind, before, after) {
  const changed = fields(before, after);
  if (!changed.length) return [];
  const isMoved = changed.every(({ path }) => path.startsWith("position"));
  return [{ kind, id: after.id, name: nameOf(after), change: isMoved ? "moved" : "changed", fields: isMoved ? [] : changed.filter(({ path }) => !path.startsWith("position")) }];
}

/** The first of an id counts, as it does for edits. */
function byId(document, kind) {
  const found = new Map();
  for (const piece of pieces(document, kind)) if (!found.has(piece.id)) found.set(piece.id, piece);
  return found;
}

/** @returns {FieldChange[]} lists are compared as a whole: what stands at a number says nothing */
function fields(before, after, path = "") {
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => fields(before[key], after[key], path ? `${path}.${key}` : key));
  }
  return isSameLeaf(before, after) ? [] : [{ path, before, after }];
}

function isSameLeaf(before, after) {
  if (Array.isArray(before) && Array.isArray(after)) {
    return before.length === after.length && before.every((each, index) => fields(each, after[index]).length === 0);
  }
  return before === after;
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
