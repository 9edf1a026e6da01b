/** What the log of a run tells: its lines, its way through the workflow, how long each answer took. */

import { Story } from "../../story.js";

/** @typedef {import("./clock.js").Event} Event */

/**
 * @typedef {object} Line
 * @property {string} id
 * @property {"caller" | "agent" | "operator" | "note"} who
 * @property {string} text what was heard
 * @property {string} unheard what was said and not heard, or was understood differently at first
 * @property {number} start in seconds of the recording
 * @property {{ by: string, seconds: number, heardMs: number } | null} cut who cut it off, where
 */

/**
 * @typedef {object} Step
 * @property {"node" | "tool" | "handoff" | "transfer" | "takeover"} kind
 * @property {number} start in seconds of the recording
 * @property {string} name of a node, its id
 * @property {string} reason
 * @property {string} agentUuid whose node it is; empty for the run's own agent
 */

/** @typedef {{ turn: number, ms: number | null, stages: [string, number][], start: number }} Answer */

const TAKEN_OVER = "Another process goes on with the call";

/**
 * @param {Event[]} events in their order
 * @param {number[]} moments of each, in seconds
 * @returns {{ lines: Line[], steps: Step[], answers: Answer[] }}
 */
export function tell(events, moments) {
  const story = new Story();
  /** @type {Map<string, { start: number, cut: Line["cut"] }>} */
  const timed = new Map();
  events.forEach((event, index) => {
    for (const id of story.take(/** @type {any} */ (event))) {
      if (!timed.has(id)) timed.set(id, { start: moments[index], cut: null });
    }
    const line = event.type === "interrupt" && timed.get(event.data.segment_id);
    if (line) line.cut = { by: event.data.by, seconds: moments[index], heardMs: event.data.heard_ms };
  });
  const lines = [...story.lines.values()].filter(({ isPartial }) => !isPartial);
  return {
    lines: lines.map((line) => ({ ...line, ...(timed.get(line.id) ?? { start: 0, cut: null }) })).sort((a, b) => a.start - b.start),
    steps: stepsOf(events, moments),
    answers: answersOf(story.answers, events, moments),
  };
}

/** @returns {Step[]} */
function stepsOf(events, moments) {
  const results = new Map(events.flatMap(({ type, data }) => (type === "tool-result" ? [[data.call_id, data]] : [])));
  let agentUuid = "";
  return events.flatMap(({ type, data }, index) => {
    const start = moments[index];
    if (type === "node") return [{ kind: "node", start, name: data.to, reason: data.reason, agentUuid }];
    if (type === "tool-call") return [{ kind: "tool", start, name: data.name, reason: resultOf(results.get(data.call_id)), agentUuid }];
    if (type === "transfer") return [{ kind: "transfer", start, name: data.state, reason: `${data.reason ?? data.mode}${data.command_id ? ", by an operator" : ""}`, agentUuid }];
    // The first process takes it over from nobody.
    if (type === "takeover" && data.epoch > 1) return [{ kind: "takeover", start, name: TAKEN_OVER, reason: "", agentUuid }];
    if (type !== "handoff") return [];
    if (data.state === "completed") agentUuid = data.to_agent_uuid;
    return [{ kind: "handoff", start, name: `${data.to_agent || "another agent"}: ${data.state}`, reason: data.failure ?? data.reason, agentUuid }];
  });
}

const resultOf = (result) => (result ? `${result.status} after ${result.duration_ms} ms` : "no answer");

/** An answer is waited for from the caller's last sound on, which is its length before it is told. */
function answersOf(answers, events, moments) {
  const told = moments.filter((_, index) => events[index].type === "metrics");
  return answers.map((answer, index) => ({ ...answer, start: Math.max(0, told[index] - (answer.ms ?? 0) / 1000) }));
}

/**
 * Return the agents whose nodes a run went through, with the versions of them.
 * @param {{ agent_uuid: string, version: number }} run
 * @param {Event[]} events
 * @returns {[string, number][]}
 */
export function versionsOf(run, events) {
  const handed = events.filter(({ type, data }) => type === "handoff" && data.state === "completed" && data.to_version);
  return [[run.agent_uuid, run.version], ...handed.map(({ data }) => /** @type {[string, number]} */ ([data.to_agent_uuid, data.to_version]))];
}
