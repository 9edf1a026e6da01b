/**
 * The kinds of nodes, and the fields of nodes and edges as forms show them. The rules are the API's; a test holds the names
 * against those that it reads.
 */

/**
 * @typedef {object} FieldOf
 * @property {string} key
 * @property {string} label
 * @property {"text" | "area" | "lines" | "check" | "number" | "choice" | "group" | "list" | "json" | "names"} form `lines` is a
 *   list of texts, one a line; `group` an object that may be missing; `list` one of objects; `names` ids of other things
 * @property {string} [hint]
 * @property {boolean} [isUsual] what `check` means where nothing is said
 * @property {string[]} [choices]
 * @property {FieldOf[]} [fields] of a `group`, or of each object of a `list`
 * @property {"agents" | "tools" | "documents" | "credentials"} [of] what `names`, or a `choice`, is chosen from
 *
 * @typedef {object} KindOf
 * @property {string} name
 * @property {boolean} isLedTo edges may lead to it
 * @property {boolean} leadsOn edges may leave it
 * @property {FieldOf[]} fields of its `data`
 */

/** @type {(form: FieldOf["form"]) => (key: string, label: string, hint?: string) => FieldOf} */
const plain = (form) => (key, label, hint = "") => ({ key, label, hint, form });
const text = plain("text");
const area = plain("area");
const lines = plain("lines");
const number = plain("number");
const json = plain("json");

/** @type {(key: string, label: string, isUsual: boolean) => FieldOf} */
const check = (key, label, isUsual) => ({ key, label, form: "check", isUsual });
/** @type {(key: string, label: string, choices: string[]) => FieldOf} */
const choice = (key, label, choices) => ({ key, label, form: "choice", choices });
/** @type {(key: string, label: string, of: FieldOf["of"]) => FieldOf} */
const one = (key, label, of) => ({ key, label, form: "choice", of });
/** @type {(key: string, label: string, of: FieldOf["of"]) => FieldOf} */
const names = (key, label, of) => ({ key, label, form: "names", of });
/** @type {(key: string, label: string, fields: FieldOf[]) => FieldOf} */
const group = (key, label, fields) => ({ key, label, form: "group", fields });
/** @type {(key: string, label: string, fields: FieldOf[]) => FieldOf} */
const list = (key, label, fields) => ({ key, label, form: "list", fields });

const NAME = text("name", "Name");
const PROMPT = area("prompt", "Prompt", "What the language model shall do here; with words to say, only where no phrase fits.");
const SAY = area("say", "Say", "Word for word on entry, without a model. {{name | fallback}} fills something in.");

const VARIABLES = [
  check("extraction_enabled", "Look for the variables in the talk", true),
  area("extraction_prompt", "What the model is told about them"),
  list("extraction_variables", "Variables to gather", [
    text("name", "Name"),
    choice("type", "Type", ["string", "number", "boolean"]),
    text("prompt", "What it is"),
    lines("values", "Values, one a line", "Phrases can name them in braces; then no model is needed."),
  ]),
];

const CALL_BACK = group("call_back", "Promises to call back", [
  number("in_minutes", "In minutes"),
  text("day", "On the day", "ISO 8601, or a template."),
  text("time", "At the time", "15:30, 9, 3 pm, or a template."),
  text("time_zone", "Time zone", "Such as Europe/Madrid."),
  text("reason", "Reason"),
]);

const TRANSFER = group("transfer", "Puts the caller through", [
  text("to", "To", "A number such as +14155550100, a sip: URI, or a template."),
  choice("mode", "How", ["cold", "warm"]),
  area("message", "Said to the caller before"),
  area("summary", "Said to the other person (warm)"),
  number("timeout_seconds", "Rings for seconds", "5 to 120."),
  text("hold_say", "Said while the caller waits (warm)"),
  text("failed_say", "Said when nobody could be reached"),
]);

const GATHER = group("gather", "Gathers keys", [
  text("variable", "Variable"),
  number("num_digits", "How many"),
  choice("finish_on", "Finished by", ["#", "*", ""]),
  number("timeout_ms", "Waits between keys, in milliseconds"),
]);

const CAPTURE = group("capture", "Captures a value that the caller says", [
  text("variable", "Variable"),
  choice("type", "Type", ["email", "phone", "name", "date", "time", "number", "address"]),
  text("region", "Country", "Two letters; else that of the agent's language."),
  number("minimum", "At least"),
  number("maximum", "At most"),
  check("whole", "Whole numbers alone", false),
  choice("period", "Dates", ["any", "future", "past"]),
  text("not_before", "Not before", "ISO 8601."),
  text("not_after", "Not after", "ISO 8601."),
  text("time_zone", "Time zone"),
  check("confirm", "Say it back and ask", true),
  check("keys", "It may be keyed in", true),
  number("timeout_ms", "Waits between keys, in milliseconds"),
  number("attempts", "Attempts"),
  json("sentences", "Sentences in place of the usual ones", "An object: read_back, again and so on."),
]);

const TALK = [
  check("allow_interrupt", "The caller may interrupt", true),
  check("add_global_prompt", "The rules go before the prompt", true),
];

const USES = [
  names("tool_uuids", "Tools", "tools"),
  json("mcp_tool_filters", "Functions of MCP servers", "An object: the tool's UUID, and a list of functions."),
  names("document_uuids", "Documents", "documents"),
];

const OUTCOME = text("disposition", "Outcome", "The disposition of runs that end here.");

/** @type {Record<string, KindOf>} by the `type` of a node, in the order in which they are offered */
export const KINDS = {
  // Names of an object's own kind are no kinds.
  __proto__: /** @type {any} */ (null),
  startCall: {
    name: "Start",
    isLedTo: false,
    leadsOn: true,
    fields: [
      NAME,
      SAY,
      text("greeting", "Greeting", "Dograh's name for what is said; the field above wins."),
      PROMPT,
      ...VARIABLES,
      GATHER,
      CAPTURE,
      CALL_BACK,
      ...USES,
      ...TALK,
      choice("pre_call_fetch_mode", "Fetch before the first word", ["disabled", "always", "inbound", "outbound"]),
      check("pre_call_fetch_enabled", "Fetch always (older word)", false),
      text("pre_call_fetch_url", "Fetch from"),
      one("pre_call_fetch_credential_uuid", "With the credential", "credentials"),
      OUTCOME,
    ],
  },
  agentNode: {
    name: "Step",
    isLedTo: true,
    leadsOn: true,
    fields: [NAME, SAY, PROMPT, ...VARIABLES, TRANSFER, text("send_digits", "Presses keys"), GATHER, CAPTURE, CALL_BACK, ...USES, ...TALK, OUTCOME],
  },
  endCall: { name: "End", isLedTo: true, leadsOn: false, fields: [NAME, SAY, OUTCOME, PROMPT, TRANSFER, CALL_BACK, ...VARIABLES, ...USES, ...TALK] },
  handoff: {
    name: "Handoff",
    isLedTo: true,
    leadsOn: true,
    fields: [
      NAME,
      group("handoff", "Goes on with the call", [
        one("agent_uuid", "Agent", "agents"),
        text("reason", "Reason"),
        text("failed_say", "Said when it can't be"),
      ]),
      SAY,
      PROMPT,
      ...VARIABLES,
      CALL_BACK,
      ...USES,
      ...TALK,
      OUTCOME,
    ],
  },
  globalNode: { name: "Rules for all steps", isLedTo: false, leadsOn: false, fields: [NAME, area("prompt", "Prompt", "Goes before the prompts of the nodes that want it.")] },
  trigger: {
    name: "Trigger",
    isLedTo: false,
    leadsOn: true,
    fields: [NAME, text("trigger_path", "Path", "Of the address that starts a call; left empty, it gets one."), check("enabled", "It works", true)],
  },
  webhook: {
    name: "Webhook",
    isLedTo: false,
    leadsOn: false,
    fields: [
      NAME,
      text("endpoint_url", "Address"),
      choice("http_method", "Method", ["POST", "GET", "PUT", "PATCH", "DELETE"]),
      check("enabled", "It is sent", true),
      one("credential_uuid", "With the credential", "credentials"),
      list("custom_headers", "Headers", [text("key", "Name"), text("value", "Value")]),
      json("payload_template", "Body", "An object; its texts are templates."),
    ],
  },
  qa: {
    name: "Quality check",
    isLedTo: false,
    leadsOn: false,
    fields: [
      NAME,
      list("criteria", "Criteria", [
        text("name", "Name"),
        area("description", "When it is met"),
        number("scale", "Scale from 1 to", "Met or not without."),
      ]),
      check("qa_enabled", "It judges calls", true),
      area("qa_system_prompt", "What the model looks for"),
      number("qa_min_call_duration", "Leaves out calls of fewer seconds"),
      check("qa_voicemail_calls", "Judges calls that a machine took", false),
      number("qa_sample_rate", "Of a hundred calls it judges"),
    ],
  },
};

/** @type {FieldOf[]} of an edge's `data` */
export const EDGE_FIELDS = [
  text("label", "Label", "What a language model knows it by, with the condition."),
  area("condition", "Condition"),
  lines("phrases", "Phrases, one a line", "What the caller may say to take it, without a model."),
  text("dtmf", "Key", "0 to 9, * or #."),
  choice("when", "Taken when", ["transfer_failed", "digits_gathered", "digits_missing", "digits_sent", "captured", "not_captured", "handoff_failed"]),
  text("transition_speech", "Said on the way"),
];

/** What a type is called that may be none of ours. */
export const kindName = (type) => KINDS[type]?.name ?? String(type);

/** Whether edges may leave a node, and lead to it; of an unknown type everything may. */
export const leadsOn = ({ type }) => KINDS[type]?.leadsOn ?? true;
export const isLedTo = ({ type }) => KINDS[type]?.isLedTo ?? true;

/** The keys of a piece's `data` that no form shows. */
export function otherKeys(data, fields) {
  const known = new Set(fields.map(({ key }) => key));
  return Object.keys(typeof data === "object" && data !== null ? data : {}).filter((key) => !known.has(key));
}
