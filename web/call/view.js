/** Shows a call's story. All that comes from a call is text, and is never read as markup. */

const NAMES = { caller: "You", agent: "Agent", operator: "Operator" };
const STATES = {
  connecting: "Connecting …",
  open: "In the call",
  watching: "Watching",
  again: "Connection lost, trying again …",
  over: "Over",
};
// What a person waits for without wondering whether anybody is there.
const LONG_WAIT_MS = 2000;

/**
 * Return the element of the page with this id, whatever kind of element that is.
 * @param {string} id
 * @returns {any}
 */
export const at = (id) => document.getElementById(id);

/**
 * Make an element that holds texts and other elements.
 * @param {string} tag
 * @param {Record<string, any>} properties
 * @param {...(string | Node)} children
 */
export function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** The page while a call goes on, and after it. */
export class View {
  /** @param {Map<string, string>} nodes names of the workflow's nodes by their ids */
  constructor(nodes, { isCaller }) {
    this._nodes = nodes;
    this._isCaller = isCaller;
    this._shown = new Map();
    for (const id of ["lines", "facts", "tools", "answers"]) at(id).replaceChildren();
    at("answer").textContent = "";
    this.partial();
  }

  /** @param {keyof typeof STATES} state */
  state(state) {
    at("state").textContent = STATES[state];
    document.body.dataset.state = state;
  }

  /**
   * Show what a frame has changed.
   * @param {import("../story.js").Story} story
   * @param {string[]} changed ids of lines
   */
  show(story, changed) {
    for (const id of changed) this._line(id, story.lines.get(id));
    this._facts(story);
    at("tools-title").hidden = story.tools.size === 0;
    at("tools").replaceChildren(...[...story.tools.values()].map(toolItem));
    at("answers").append(...story.answers.slice(at("answers").children.length).map(answerItem));
    if (story.end) this._end(story.end);
  }

  /** Show words that may still change, below all others; they are not read aloud. */
  partial(text = "") {
    at("partial").textContent = text;
    at("partial").hidden = !text;
  }

  /** @param {"caller" | "agent"} who */
  sounding(who, isSounding) {
    at(`${who}-voice`).classList.toggle("sounds", isSounding);
    if (who === "agent") at("agent-sounds").textContent = isSounding ? "is speaking" : "is silent";
  }

  _line(id, line) {
    if (id === "partial") {
      this.partial(line?.text);
      return;
    }
    const item = this._shown.get(id) ?? element("p", {});
    item.className = `line ${line.who}`;
    item.replaceChildren(...this._words(line));
    if (this._shown.has(id)) return;
    this._shown.set(id, item);
    const list = at("lines");
    const follows = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    list.append(item);
    if (follows) list.scrollTop = list.scrollHeight;
  }

  _words({ who, text, unheard }) {
    const name = this._isCaller || who !== "caller" ? NAMES[who] : "Caller";
    const words = name ? [element("span", { className: "who" }, name), text] : [text];
    if (unheard) words.push(" ", element("s", { title: UNHEARD[who] }, unheard), hidden(` (${UNHEARD[who]})`));
    return words;
  }

  _facts({ node, status, gathered }) {
    const facts = [["Node", this._nodes.get(node) ?? node], ["Status", status], ...gathered];
    const rows = facts.filter(([, value]) => value !== "");
    at("facts").replaceChildren(
      ...rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, textOf(value))]),
    );
  }

  /** @param {NonNullable<import("../story.js").Story["end"]>} end */
  _end({ reason, disposition, durationMs }) {
    const how = [reason?.replaceAll("_", " "), disposition && `outcome: ${disposition}`, durationMs && clock(durationMs)];
    at("end").textContent = how.filter(Boolean).join(" · ");
  }
}

/** Write a duration as minutes and seconds. */
export function clock(ms) {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

const UNHEARD = { agent: "not heard", caller: "understood so at first", operator: "not heard" };

const textOf = (value) => (typeof value === "string" ? value : JSON.stringify(value));

const hidden = (text) => element("span", { className: "for-readers" }, text);

function toolItem({ name, status, ms }) {
  return element("li", {}, `${name}: ${status}${ms === null ? "" : `, ${Math.round(ms)} ms`}`);
}

function answerItem({ turn, ms, stages }) {
  const long = stages.filter(([, stage]) => stage >= 1);
  const shown = long.map(([name, stage]) => `${name} ${Math.round(stage)}`).join(", ");
  if (ms === null) return element("li", {}, `Turn ${turn}`, element("small", {}, shown));
  const bar = element("meter", { min: 0, max: LONG_WAIT_MS, value: ms, ariaLabel: `Turn ${turn}` });
  return element("li", {}, `Turn ${turn}`, bar, `${Math.round(ms)} ms`, element("small", {}, shown));
}
