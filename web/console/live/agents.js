/** Names of agents and of their nodes, each asked for once: lists of calls are read again and again. */

import { api } from "../session.js";
import { useEffect, useState } from "../../vendor/ui.js";

/**
 * @typedef {object} Agent
 * @property {string} name
 * @property {Map<string, string>} nodes their names by their ids
 * @property {[string, string][]} destinations where nodes put callers through to, and those nodes' names
 */

/** @type {Map<string, Agent>} */
const known = new Map();
/** @type {Set<string>} */
const asked = new Set();

/**
 * Return what is known of these agents so far; the page is shown again once there is more.
 *
 * A key that may not read agents sees their ids in the place of names.
 * @param {string[]} workflowIds
 */
export function useAgents(workflowIds) {
  const [, setRound] = useState(0);
  const missing = [...new Set(workflowIds)].filter((id) => !asked.has(id));
  useEffect(() => {
    for (const id of missing) ask(id).then(() => setRound((round) => round + 1));
  }, [missing.join()]);
  return {
    nameOf: (workflowId) => known.get(workflowId)?.name ?? workflowId,
    destinationsOf: (workflowId) => known.get(workflowId)?.destinations ?? [],
    nodeOf: (workflowId, nodeId) => (nodeId && known.get(workflowId)?.nodes.get(nodeId)) ?? nodeId ?? "",
  };
}

async function ask(id) {
  asked.add(id);
  try {
    const { name, nodes } = await api().agent(id);
    known.set(id, { name, nodes: new Map(nodes.map((node) => [node.id, node.data?.name ?? node.id])), destinations: destinationsOf(nodes) });
  } catch (error) {
    // What may be answered later is asked for when the list is shown anew.
    if (error.isPassing) asked.delete(id);
  }
}

/**
 * Return where these nodes put callers through to, each once; of a template nobody knows what it will be.
 * @returns {[string, string][]}
 */
export function destinationsOf(nodes) {
  const found = nodes.flatMap(({ id, data }) => {
    const to = data?.transfer?.to;
    return typeof to === "string" && to && !to.includes("{{") ? [/** @type {[string, string]} */ ([to, data.name ?? id])] : [];
  });
  return [...new Map(found)];
}
