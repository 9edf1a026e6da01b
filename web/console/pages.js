/** The console's pages: what the navigation lists, and which page stands at which place. Each is loaded when it is first shown. */

/**
 * @typedef {object} Page
 * @property {string} name what the navigation and the window's title say
 * @property {import("./session.js").Me["scopes"][number]} [scope] what its content needs; none where its parts differ
 * @property {() => Promise<{ Page: (properties: { path: string[], query: Record<string, string> }) => unknown }>} load
 */

/** @type {Record<string, Page>} by the first part of the place; `Page` gets the parts after it */
export const PAGES = {
  // Names of an object's own kind are no pages.
  __proto__: /** @type {any} */ (null),
  live: { name: "Live", scope: "streaming-sessions:read", load: () => import("./live/page.js") },
  runs: { name: "Runs", scope: "runs:read", load: () => import("./runs/page.js") },
  agents: { name: "Agents", scope: "agents:read", load: () => import("./agents/page.js") },
  campaigns: { name: "Campaigns", scope: "campaigns:read", load: () => import("./campaigns/page.js") },
  analytics: { name: "Analytics", scope: "runs:read", load: () => import("./analytics/page.js") },
  settings: { name: "Settings", load: () => import("./settings/page.js") },
};

/** Where the console begins. */
export const FIRST = "live";
