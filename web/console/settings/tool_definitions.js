/** What each category of tools is defined by: the fields that its form shows, and what a new one begins with. */

/** @typedef {import("../../types/api.js").Schemas["ToolCategory"]} Category */

/**
 * @typedef {object} Entry
 * @property {string} label
 * @property {"line" | "text" | "number" | "check" | "lines" | "choice" | "pairs" | "parameters" | "presets" | "credential" | "agent"} kind
 * @property {string} [hint]
 * @property {unknown} begins what a new definition has
 * @property {Record<string, unknown>} [bounds] of its field
 * @property {string[]} [choices]
 */

/** @type {(hint: string) => Entry} */
const said = (hint) => ({ label: "What the agent says", kind: "line", hint: `${hint} Empty: nothing is said.`, begins: "", bounds: { maxlength: 500 } });
/** @type {Entry} */
const TIMEOUT_MS = { label: "Longest wait, in ms", kind: "number", begins: 5000, bounds: { min: 500, max: 10000, required: true } };
/** @type {Entry} */
const CREDENTIAL = { label: "Credential", kind: "credential", begins: null };
const URL_BOUNDS = { maxlength: 2000, required: true };

/** @type {Record<Category, { name: string, entries: Record<string, Entry> }>} */
export const CATEGORIES = {
  http_api: {
    name: "HTTP request",
    entries: {
      method: { label: "Method", kind: "choice", begins: "GET", choices: ["GET", "POST", "PUT", "PATCH", "DELETE"] },
      url: { label: "URL", kind: "line", hint: "May hold {{placeholders}} after the host.", begins: "", bounds: URL_BOUNDS },
      credential_uuid: CREDENTIAL,
      headers: { label: "Headers", kind: "pairs", hint: "Values may hold {{placeholders}}.", begins: {} },
      parameters: { label: "What the model fills in", kind: "parameters", begins: [] },
      preset_parameters: { label: "What is filled in for it", kind: "presets", hint: "The model neither sees nor changes these.", begins: [] },
      body_template: {
        label: "Body",
        kind: "text",
        hint: "JSON with {{placeholders}} in its texts. Empty: what stands in no placeholder becomes the body, or the query of a GET or DELETE.",
        begins: null,
        bounds: { maxlength: 8000 },
      },
      timeout_ms: TIMEOUT_MS,
      message: said("While it runs."),
      idempotent: { label: "The same request may be sent twice", kind: "check", begins: false },
    },
  },
  mcp: {
    name: "MCP server",
    entries: {
      url: { label: "URL", kind: "line", begins: "", bounds: URL_BOUNDS },
      credential_uuid: CREDENTIAL,
      tools_filter: { label: "Tools of the server that agents may use", kind: "lines", hint: "One name a line. Empty: all.", begins: [] },
      timeout_ms: TIMEOUT_MS,
      message: said("While it runs."),
    },
  },
  transfer_call: {
    name: "Put through",
    entries: {
      destination: { label: "To", kind: "line", hint: "A number with its country code, a sip: URI, or a {{placeholder}} of one.", begins: "", bounds: { maxlength: 400, required: true } },
      timeout_seconds: { label: "Longest ringing, in seconds", kind: "number", begins: 30, bounds: { min: 5, max: 120, required: true } },
      message: said("Before."),
    },
  },
  handoff: {
    name: "Hand over to another agent",
    entries: { agent_uuid: { label: "Agent", kind: "agent", begins: "", bounds: { required: true } }, message: said("Before.") },
  },
  end_call: { name: "End the call", entries: { message: said("Before.") } },
  calculator: { name: "Calculator", entries: {} },
  schedule_callback: {
    name: "Call back later",
    entries: {
      time_zone: { label: "Time zone", kind: "line", hint: "Where days and times are meant, such as Europe/Madrid.", begins: "", bounds: { maxlength: 64, required: true } },
      message: said("While it is noted."),
    },
  },
};

/** What a category is; one of a newer release has no fields that are known here, and is edited as JSON. */
export const categoryOf = (category) => CATEGORIES[category] ?? { name: String(category).replaceAll("_", " "), entries: {} };

/**
 * Return the definition that a tool of a category begins with; what its former one has in common with it stays.
 * @param {Category} category
 * @param {Record<string, unknown>} [former]
 */
export function definitionFor(category, former = {}) {
  const entries = Object.entries(CATEGORIES[category].entries);
  return Object.fromEntries(entries.map(([name, { begins }]) => [name, former[name] ?? begins]));
}

/**
 * Read a definition from JSON; return the fault, empty where there is none.
 * @param {string} text
 * @returns {{ definition: Record<string, unknown> | null, fault: string }}
 */
export function readDefinition(text) {
  try {
    const definition = JSON.parse(text);
    const isObject = typeof definition === "object" && definition !== null && !Array.isArray(definition);
    return isObject ? { definition, fault: "" } : { definition: null, fault: "This must be an object, in braces." };
  } catch (error) {
    return { definition: null, fault: `This is no JSON: ${error.message}` };
  }
}
