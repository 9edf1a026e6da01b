/** What the frames of a call add up to: its lines, where it is in the workflow, its tools, how long each answer took. */

/**
 * @typedef {object} Line
 * @property {string} id
 * @property {"caller" | "agent" | "operator" | "note"} who
 * @property {string} text what was heard, as far as that is known
 * @property {string} unheard what was said and not heard, or was understood differently at first
 * @property {boolean} isPartial whether its words may still change
 */

/** @typedef {{ name: string, status: string, ms: number | null }} Tool */
/** @typedef {{ turn: number, ms: number | null, stages: [string, number][] }} Answer */

const PARTIAL = "partial";
const STAGES = {
  endpointing_ms: "end of turn",
  recognition_ms: "recognition",
  model_ms: "model",
  waiting_ms: "waiting",
  synthesis_ms: "voice",
  playout_ms: "first sound",
};

/** Takes frames in their order; what it does not know, it passes over. */
export class Story {
  constructor() {
    /** @type {Map<string, Line>} */
    this.lines = new Map();
    /** @type {Map<string, Tool>} */
    this.tools = new Map();
    /** @type {Answer[]} */
    this.answers = [];
    this.status = "";
    this.node = "";
    /** @type {Map<string, any>} */
    this.gathered = new Map();
    /** @type {{ reason: string | null, disposition: string | null, durationMs?: number } | null} */
    this.end = null;
    /** What operators have told the agent to heed, and whether they have muted it. */
    this.steered = { instructions: "", isMuted: false };
    /** The latest transfer, and how far it is. @type {{ state: string, mode: string, reason: string | null } | null} */
    this.transfer = null;
    this._notes = 0;
  }

  /**
   * Take a frame; return the ids of the lines that it has changed.
   * @param {import("./frames.js").Frame} frame
   * @returns {string[]}
   */
  take({ type, data }) {
    return TAKEN[type]?.(this, data) ?? [];
  }

  /** Add a line of nobody who speaks. */
  note(text) {
    this._notes += 1;
    return this.say({ id: `note-${this._notes}`, who: "note", text });
  }

  say(line) {
    this.lines.set(line.id, { unheard: "", isPartial: false, ...line });
    return [line.id];
  }
}

// Without a prototype, whose names are no types.
const TAKEN = {
  __proto__: null,
  ready: (story, { status }) => {
    if (status) story.status = status;
  },
  status: (story, { status }) => {
    story.status = status;
  },
  partial: (story, { text }) => story.say({ id: PARTIAL, who: "caller", text, isPartial: true }),
  transcript: (story, { segment_id: id, speaker, text }) => {
    const changed = story.say({ id, who: speaker, text });
    return speaker === "caller" && story.lines.delete(PARTIAL) ? [PARTIAL, ...changed] : changed;
  },
  correction: (story, { segment_id: id, original, heard_text: heard }) => {
    const line = story.lines.get(id);
    if (!line) return [];
    Object.assign(line, { text: heard, unheard: rest(original, heard) });
    return [id];
  },
  node: (story, { to }) => {
    story.node = to;
  },
  context: (story, { gathered }) => {
    for (const [name, value] of Object.entries(gathered)) story.gathered.set(name, value);
  },
  dtmf: (story, { digit }) => story.note(`Key ${digit}`),
  "tool-call": (story, { call_id: id, name }) => {
    story.tools.set(id, { name, status: "running", ms: null });
  },
  "tool-result": (story, { call_id: id, status, duration_ms: ms }) => {
    story.tools.set(id, { name: id, ...story.tools.get(id), status, ms });
  },
  metrics: (story, data) => {
    const stages = Object.entries(STAGES).flatMap(([key, name]) => (data[key] == null ? [] : [[name, data[key]]]));
    story.answers.push({ turn: data.turn, ms: data.voice_to_voice_ms ?? null, stages });
  },
  inject: (story, { role, text }) => (role === "system" ? story.note(`Told to the agent: ${text}`) : []),
  steer: (story, { instructions, is_muted: isMuted }) => {
    story.steered = { instructions, isMuted };
    return story.note([isMuted ? "The agent is muted" : "The agent may speak", instructions].filter(Boolean).join(": "));
  },
  handoff: (story, { to_agent: name, state, reason }) => story.note(`Handed on to ${name || "another agent"} (${state}): ${reason}`),
  transfer: (story, { mode, state, reason = null, command_id: asked }) => {
    story.transfer = { state, mode, reason };
    return story.note(`${asked ? "An operator's transfer" : "Transfer"} (${mode}): ${[state, reason].filter(Boolean).join(", ")}`);
  },
  error: (story, { message, request_id: asked }) => (asked ? [] : story.note(message)),
  end: (story, { reason, disposition, duration_ms: durationMs }) => {
    story.end = { reason, disposition, durationMs };
    story.status = "";
    return story.lines.delete(PARTIAL) ? [PARTIAL] : [];
  },
};

/** Return what of the words was not heard: their end where the beginning was, else all of them. */
function rest(original, heard) {
  return original.startsWith(heard) ? original.slice(heard.length).trim() : original;
}
