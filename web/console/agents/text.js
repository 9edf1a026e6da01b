/** The workflow as text: written so that people can read it, and read with the place of what is broken. */

export const write = (document) => JSON.stringify(document, null, 2);

/**
 * Read JSON that should be an object.
 * @param {string} text
 * @returns {{ document: Record<string, any> } | { fault: string, offset: number }} `offset` is where it is broken
 */
export function read(text) {
  let document;
  try {
    document = JSON.parse(text);
  } catch {
    const offset = brokenAt(text);
    return { fault: `The JSON is broken at ${lineAndColumn(text, offset)}.`, offset };
  }
  if (typeof document === "object" && document !== null && !Array.isArray(document)) return { document };
  return { fault: "A workflow is an object with nodes and edges.", offset: 0 };
}

export function lineAndColumn(text, offset) {
  const lines = text.slice(0, offset).split("\n");
  return `line ${lines.length}, column ${lines[lines.length - 1].length + 1}`;
}

/** Tokens of JSON, by their first character; browsers word the place of a fault differently, or tell none. */
const TOKEN = /[ \t\n\r]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y;
const SPACE = /[ \t\n\r]*/y;
const VALUE = "value";
const AFTER = "after";

/** Return where a text stops being JSON, as far as the first token that can't stand where it stands. */
function brokenAt(text) {
  const open = [];
  let wanted = VALUE;
  let offset = 0;
  for (;;) {
    SPACE.lastIndex = TOKEN.lastIndex = offset;
    const found = TOKEN.exec(text);
    const begin = offset + (SPACE.exec(text)?.[0].length ?? 0);
    if (!found) return begin;
    const next = follow(open, wanted, found[1] ?? (found[2] ? "string" : "other"));
    if (next === null) return begin;
    wanted = next;
    offset = TOKEN.lastIndex;
  }
}

/** Return what is wanted after a token, null where it can't stand here. */
function follow(open, wanted, token) {
  const inner = open[open.length - 1];
  const closes = token === "}" ? "{" : token === "]" ? "[" : "";
  if (closes) {
    const mayClose = closes === inner && (wanted === AFTER || wanted === `first ${inner}`);
    if (mayClose) open.pop();
    return mayClose ? AFTER : null;
  }
  if (wanted === AFTER) return token === "," && inner ? (inner === "{" ? "key" : VALUE) : null;
  if (wanted === "key" || wanted === "first {") return token === "string" ? ":" : null;
  if (wanted === ":") return token === ":" ? VALUE : null;
  if (token === "{" || token === "[") {
    open.push(token);
    return `first ${token}`;
  }
  return token === "string" || token === "other" ? AFTER : null;
}
