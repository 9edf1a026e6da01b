/** What an API key may do, in people's words. */

/** @typedef {import("../../types/api.js").Schemas["Scope"]} Scope */

/** @type {Record<Scope, string>} in the order of the console's pages */
export const SCOPES = {
  "calls:write": "have agents call",
  "runs:read": "see runs, recordings and figures",
  "runs:write": "hang up and delete runs",
  "streaming-sessions:read": "see and hear live calls",
  "streaming-sessions:write": "talk to agents, and act on live calls",
  "streaming-workflows:read": "see the agents of web calls",
  "streaming-workflows:deploy": "deploy the agents of web calls",
  "agents:read": "see agents",
  "agents:write": "change agents",
  "campaigns:read": "see campaigns",
  "campaigns:write": "make and run campaigns",
  "telephony:read": "see carrier and numbers",
  "telephony:write": "change carrier and numbers",
  "api-keys:read": "see API keys",
  "api-keys:write": "make and archive API keys",
  "organization:read": "see tools, documents, limits and the do-not-call list",
  "organization:write": "change these, and see the webhook secret",
};

export const ALL_SCOPES = /** @type {Scope[]} */ (Object.keys(SCOPES));

/** Say in short what a key may do. */
export const scopesInShort = (scopes) => (ALL_SCOPES.every((scope) => scopes.includes(scope)) ? "everything" : scopes.join(", "));
