/** What is edited: the parts of an agent that a save replaces. */

import { same } from "./diff.js";

/**
 * @typedef {object} Work
 * @property {string} name
 * @property {string} description
 * @property {boolean} is_public
 * @property {Record<string, any>} workflow_definition
 * @property {Record<string, any>} settings
 *
 * @typedef {import("../../types/api.js").Schemas["AgentDocument"]} AgentDocument
 * @typedef {{ work: Work, etag: string, agent: AgentDocument | null }} Stored `agent` is null before it is stored
 */

/**
 * Take what is edited out of an agent.
 * @param {AgentDocument} agent
 * @param {{ workflow_definition: Record<string, any>, settings: Record<string, any> }} documents of its draft, or of its
 *   published version where it has no draft
 * @returns {Stored}
 */
export function stored(agent, { workflow_definition, settings }) {
  const { name, description, is_public } = agent;
  return { work: { name, description, is_public, workflow_definition, settings }, etag: `"${agent.revision}"`, agent };
}

/**
 * Return the parts that differ from what is stored; null where nothing does.
 * @param {Work} before
 * @param {Work} after
 * @returns {Partial<Work> | null}
 */
export function changes(before, after) {
  const changed = Object.keys(after).filter((part) => before[part] !== after[part] && !same(before[part], after[part]));
  return changed.length ? Object.fromEntries(changed.map((part) => [part, after[part]])) : null;
}
