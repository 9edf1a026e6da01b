/**
 * A workflow definition as the editor changes it: each change returns another document, which shares with the one before all
 * that it does not touch. What the editor does not know stays as it is.
 */

/**
 * @typedef {"nodes" | "edges"} Kind
 * @typedef {{ kind: Kind, id: string }} Chosen one piece of the graph
 * @typedef {{ x: number, y: number }} Point
 * @typedef {Record<string, any>} Document
 */

/** Of edges that the editor makes out of nothing. */
const FIRST_NAMES = { startCall: "Start", agentNode: "Step", endCall: "End", globalNode: "Rules", trigger: "Trigger", webhook: "Webhook", qa: "Quality check", handoff: "Handoff" };

/** The nodes, or edges, that have the form of one; others are in the document alone. */
export const pieces = (document, kind) => (Array.isArray(document[kind]) ? document[kind].filter(isPiece) : []);

export const nodes = (document) => pieces(document, "nodes");

/** The edges that lead from a node to a node. */
export function edges(document) {
  const ids = new Set(nodes(document).map(({ id }) => id));
  return pieces(document, "edges").filter(({ source, target }) => ids.has(source) && ids.has(target));
}

/** Return the piece that is chosen, undefined where there is none any more. */
export const find = (document, { kind, id }) => pieces(document, kind).find((piece) => piece.id === id);

/** What a piece is called. */
export const nameOf = (piece) => textOf(piece.data?.name) || textOf(piece.data?.label) || piece.id;

/** Return where a node stands in the document: its upper left corner, null where it has no place. */
export function positionOf({ position }) {
  const isPlace = Number.isFinite(position?.x) && Number.isFinite(position?.y);
  return isPlace ? { x: position.x, y: position.y } : null;
}

/**
 * Set what lies at a path of a value, and return the value so changed; `undefined` takes the key away.
 * @param {any} value
 * @param {(string | number)[]} path
 */
export function put(value, [key, ...rest], replacement) {
  const old = isHolder(value) ? value : typeof key === "number" ? [] : {};
  const inner = rest.length ? put(old[key], rest, replacement) : replacement;
  if (Array.isArray(old)) return inner === undefined ? old.filter((_, index) => index !== key) : [...old.slice(0, +key), inner, ...old.slice(+key + 1)];
  if (inner !== undefined) return { ...old, [key]: inner };
  const { [key]: _, ...others } = old;
  return others;
}

/** Return what lies at a path of a value. */
export const at = (value, path) => path.reduce((inner, key) => inner?.[key], value);

/** Set a field of one piece. */
export function setField(document, chosen, path, value) {
  return change(document, chosen.kind, (piece) => (piece.id === chosen.id ? put(piece, path, value) : piece));
}

/**
 * Place nodes.
 * @param {Document} document
 * @param {Map<string, Point>} places by the nodes' ids; those that are not named stay where they are
 */
export function place(document, places) {
  return change(document, "nodes", (node) => {
    const given = places.get(node.id);
    return given ? { ...node, position: { ...(isHolder(node.position) ? node.position : {}), x: Math.round(given.x), y: Math.round(given.y) } } : node;
  });
}

/**
 * Add a node of a type.
 * @returns {{ document: Document, id: string }}
 */
export function addNode(document, type, position) {
  const id = freeId(document, "nodes", type);
  const node = { id, type, position, data: { name: freeName(document, FIRST_NAMES[type] ?? type) } };
  return { document: append(document, "nodes", node), id };
}

/**
 * Lead from a node to another.
 * @returns {{ document: Document, id: string }}
 */
export function connect(document, source, target) {
  const id = freeId(document, "edges", `${source}-${target}`);
  return { document: append(document, "edges", { id, source, target, data: {} }), id };
}

/** Take a piece out; with a node go the edges at it. */
export function remove(document, { kind, id }) {
  const without = { ...document, [kind]: document[kind].filter((piece) => piece?.id !== id) };
  if (kind === "edges" || !Array.isArray(document.edges)) return without;
  return { ...without, edges: document.edges.filter((edge) => edge?.source !== id && edge?.target !== id) };
}

/** Call a piece otherwise; the edges at a node follow. */
export function rename(document, { kind, id }, newId) {
  const renamed = change(document, kind, (piece) => (piece.id === id ? { ...piece, id: newId } : piece));
  if (kind === "edges") return renamed;
  const end = (name) => (name === id ? newId : name);
  return change(renamed, "edges", (edge) =>
    edge.source === id || edge.target === id ? { ...edge, source: end(edge.source), target: end(edge.target) } : edge,
  );
}

function change(document, kind, act) {
  if (!Array.isArray(document[kind])) return document;
  return { ...document, [kind]: document[kind].map((piece) => (isPiece(piece) ? act(piece) : piece)) };
}

function append(document, kind, piece) {
  return { ...document, [kind]: [...(Array.isArray(document[kind]) ? document[kind] : []), piece] };
}

/** Return an id of 64 characters at most that no other piece of the kind has. */
function freeId(document, kind, wish) {
  const taken = new Set(pieces(document, kind).map(({ id }) => id));
  const base = wish.slice(0, 58);
  return firstFree(base, "-", taken);
}

function freeName(document, wish) {
  return firstFree(wish, " ", new Set(nodes(document).map(nameOf)));
}

function firstFree(wish, between, taken) {
  let name = wish;
  for (let number = 2; taken.has(name); number += 1) name = `${wish}${between}${number}`;
  return name;
}

const isHolder = (value) => typeof value === "object" && value !== null;
const isPiece = (piece) => isHolder(piece) && typeof piece.id === "string";
const textOf = (value) => (typeof value === "string" ? value : "");
