/** Places for nodes: those of the document, and for what has none those that dagre finds. */

import { nodes, edges, positionOf } from "./document.js";
import { bounds, NODE } from "./geometry.js";
import { Graph, layout } from "../../vendor/dagre.js";

/** @typedef {import("./document.js").Point} Point */

/** Room for the words of an edge, between the rows. */
const LABEL = { width: 120, height: 24 };

/**
 * Lay out the whole graph from the top to the bottom.
 * @returns {Map<string, Point>} upper left corners by the nodes' ids
 */
export function laidOut(document) {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 56, ranksep: 56, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of nodes(document)) graph.setNode(id, { ...NODE });
  for (const { id, source, target } of edges(document)) graph.setEdge(source, target, { ...LABEL, labelpos: "c" }, id);
  layout(graph);
  return new Map(graph.nodes().map((id) => [id, corner(graph.node(id))]));
}

const corner = ({ x, y }) => ({ x: Math.round(x - NODE.width / 2), y: Math.round(y - NODE.height / 2) });

/** Return what `places` hangs on, as a text: laying a large workflow out takes longer than a key that is typed. */
export function shapeOf(document) {
  const standing = nodes(document).map((node) => [node.id, positionOf(node)]);
  return JSON.stringify([standing, edges(document).map(({ id, source, target }) => [id, source, target])]);
}

/**
 * Return where each node is drawn. Where no node has a place all are laid out; a few without one stand in a row below.
 * @returns {Map<string, Point>}
 */
export function places(document) {
  const known = new Map();
  const homeless = [];
  for (const node of nodes(document)) {
    const position = positionOf(node);
    if (position) known.set(node.id, position);
    else homeless.push(node.id);
  }
  if (!known.size) return laidOut(document);
  const { x, y, height } = bounds(known.values());
  homeless.forEach((id, index) => known.set(id, { x: x + 40 + index * (NODE.width + 32), y: y + height }));
  return known;
}
