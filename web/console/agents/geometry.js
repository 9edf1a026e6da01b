/** Where things are drawn: sizes of nodes, ways of edges, and what holds them all. Lengths are units of the graph. */

/** @typedef {import("./document.js").Point} Point */
/** @typedef {{ x: number, y: number, width: number, height: number }} Box */

export const NODE = { width: 208, height: 72 };
/** How far apart the ways are of edges that join the same two nodes. */
const APART = 44;
const MARGIN = 40;

/**
 * Return the way of each edge, with the place of its words.
 * @param {{ id: string, source: string, target: string }[]} edges
 * @param {Map<string, Point>} places upper left corners by the nodes' ids
 * @returns {{ id: string, path: string, label: Point }[]}
 */
export function ways(edges, places) {
  const seen = new Map();
  return edges.map(({ id, source, target }) => {
    const pair = JSON.stringify([source, target].sort());
    const number = seen.get(pair) ?? 0;
    seen.set(pair, number + 1);
    const from = /** @type {Point} */ (places.get(source));
    const to = /** @type {Point} */ (places.get(target));
    return { id, ...(source === target ? loop(from, number) : way(from, to, aside(number))) };
  });
}

/** Alternate to both sides: 0, 1, -1, 2, -2 … */
const aside = (number) => (number % 2 ? (number + 1) / 2 : -number / 2) * APART;

/** Out of the lower edge, into the upper one; what leads back goes around. */
function way(from, to, shift) {
  const [start, end] = [below(from), above(to)];
  const drop = end.y - start.y;
  const isBack = drop < 0;
  const bend = isBack ? Math.min(160, 60 - drop / 4) : Math.max(28, drop / 2);
  const around = isBack && Math.abs(end.x - start.x) < NODE.width ? NODE.width * 0.9 : 0;
  const one = { x: start.x + around + shift, y: start.y + bend };
  const two = { x: end.x + around + shift, y: end.y - bend };
  return curve(start, one, two, end);
}

function loop(at, number) {
  const [start, end] = [below(at), above(at)];
  const out = NODE.width * 1.1 + number * APART;
  return curve(start, { x: start.x + out, y: start.y + 70 }, { x: end.x + out, y: end.y - 70 }, end);
}

function curve(start, one, two, end) {
  const middle = (axis) => Math.round((start[axis] + 3 * one[axis] + 3 * two[axis] + end[axis]) / 8);
  const written = [start, one, two, end].map(({ x, y }) => `${Math.round(x)} ${Math.round(y)}`);
  return { path: `M${written[0]}C${written[1]} ${written[2]} ${written[3]}`, label: { x: middle("x"), y: middle("y") } };
}

/** Where ways leave a node, and come in. */
export const below = ({ x, y }) => ({ x: x + NODE.width / 2, y: y + NODE.height });
export const above = ({ x, y }) => ({ x: x + NODE.width / 2, y });

/**
 * Return what holds all nodes, with a margin.
 * @param {Iterable<Point>} places
 * @returns {Box}
 */
export function bounds(places) {
  const all = [...places];
  if (!all.length) return { x: 0, y: 0, width: 2 * NODE.width, height: 3 * NODE.height };
  const [left, top] = [Math.min(...all.map(({ x }) => x)), Math.min(...all.map(({ y }) => y))];
  const [right, bottom] = [Math.max(...all.map(({ x }) => x + NODE.width)), Math.max(...all.map(({ y }) => y + NODE.height))];
  return { x: left - MARGIN, y: top - MARGIN, width: right - left + 2 * MARGIN, height: bottom - top + 2 * MARGIN };
}

/**
 * Return the part of the graph that a window shows which holds a box: as large as it is, and no larger than life.
 * @param {Box} box
 * @param {{ width: number, height: number }} window in pixels
 * @returns {Box}
 */
export function fit(box, window) {
  const scale = Math.max(box.width / window.width, box.height / window.height, 1);
  const [width, height] = [window.width * scale, window.height * scale];
  return { x: box.x + (box.width - width) / 2, y: box.y + (box.height - height) / 2, width, height };
}

/** Return a view that shows more (a factor over 1) or less around a point of the graph. */
export function zoom(view, factor, around = { x: view.x + view.width / 2, y: view.y + view.height / 2 }) {
  const width = Math.min(20_000, Math.max(200, view.width * factor));
  const by = width / view.width;
  return { x: around.x - (around.x - view.x) * by, y: around.y - (around.y - view.y) * by, width, height: view.height * by };
}

/** Return a place for another node that no other node covers: below those there are. */
export function freePlace(places) {
  const all = [...places];
  if (!all.length) return { x: 0, y: 0 };
  const last = all.reduce((lowest, each) => (each.y > lowest.y ? each : lowest));
  return { x: Math.round(last.x), y: Math.round(last.y + NODE.height + 88) };
}
