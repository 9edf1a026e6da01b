/** Agents by their names, for whoever may read them. */

import { Choice } from "./choice.js";
import { Field } from "./fields.js";
import { useLoaded } from "../loading.js";
import { allows } from "../session.js";
import { MOST, wholeList } from "../whole_list.js";
import { html } from "../../vendor/ui.js";

/** @typedef {import("../../types/api.js").Schemas["AgentSummary"]} Agent */

/**
 * Read the agents once; there are none for a key that may not read them.
 * @returns {import("../loading.js").Loaded<Agent[]>}
 */
export function useAgents() {
  return useLoaded(async (signal) => (allows("agents:read") ? wholeList("/api/v1/agents", { signal }) : []), []);
}

/**
 * Return the name of an agent, its uuid where that is not known.
 * @param {Agent[] | undefined} agents
 * @param {string} uuid
 */
export const agentName = (agents, uuid) => agents?.find((agent) => agent.uuid === uuid)?.name ?? uuid;

/**
 * A field for an agent: by name, or by its uuid where names can't be read, or are too many.
 * @param {Record<string, any> & { label: string, none?: string, lacks?: (agent: Agent) => string }} properties `none` says what
 *   it is to choose none, where one may; `lacks` why an agent can't be chosen
 */
export function AgentField({ label, none = "", lacks = () => "", ...rest }) {
  const { value: agents, error } = useAgents();
  if (error || agents?.length === 0 || (agents?.length ?? 0) >= MOST) {
    return html`<${Field} ...${rest} label="${label}: its UUID" spellcheck=${false} hint="It stands in the address of the agent's page." />`;
  }
  const choices = (agents ?? []).filter(({ status }) => status === "active").map((agent) => ({ ...agent, lacks: lacks(agent) }));
  return html`<${Choice} label=${label} choices=${choices} none=${none} ...${rest} />`;
}
