/** Agents by their names, for whoever may read them. */

import { useLoaded } from "../loading.js";
import { allows, api } from "../session.js";

/** @typedef {import("../../types/api.js").Schemas["AgentSummary"]} Agent */

// As many as the API gives at once: who has more finds the others by their uuid.
const MOST = 200;

/**
 * Read the agents once; there are none for a key that may not read them.
 * @returns {import("../loading.js").Loaded<Agent[]>}
 */
export function useAgents() {
  return useLoaded(async (signal) => {
    if (!allows("agents:read")) return [];
    return (await api().get("/api/v1/agents", { query: { limit: MOST }, signal })).items;
  }, []);
}

/**
 * Return the name of an agent, its uuid where that is not known.
 * @param {Agent[] | undefined} agents
 * @param {string} uuid
 */
export const agentName = (agents, uuid) => agents?.find((agent) => agent.uuid === uuid)?.name ?? uuid;
