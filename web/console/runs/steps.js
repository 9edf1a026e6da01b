/** The way through the workflow, and the waterfall of the answers; each moment seeks the sound. */

import { useLoaded } from "../loading.js";
import { duration, words } from "../parts/words.js";
import { allows, api } from "../session.js";
import { html } from "../../vendor/ui.js";
import { versionsOf } from "./telling.js";
import { waterfall } from "./waterfall.js";

const KINDS = { node: "", tool: "Tool ", handoff: "Handoff to ", transfer: "Transfer ", takeover: "" };

const Moment = ({ start, onSeek }) => html`<button type="button" class="moment" aria-label="Hear ${duration(start)}" onClick=${() => onSeek(start)}>${duration(start)}</button>`;

/** @param {{ run: { agent_uuid: string, version: number }, events: import("./clock.js").Event[], steps: import("./telling.js").Step[], onSeek: (seconds: number) => void }} properties */
export function Path({ run, events, steps, onSeek }) {
  const names = useNames(versionsOf(run, events));
  if (!steps.length) return null;
  const nameOf = ({ kind, name, agentUuid }) => (kind === "node" ? names.get(`${agentUuid || run.agent_uuid} ${name}`) ?? name : words(name));
  return html`<section class="card">
    <h2>Way through the workflow</h2>
    <ol class="steps">
      ${steps.map((step) => html`<li class=${step.kind}>
        <${Moment} start=${step.start} onSeek=${onSeek} />
        <span>${KINDS[step.kind]}<strong>${nameOf(step)}</strong> <span class="aside">${words(step.reason)}</span></span>
      </li>`)}
    </ol>
  </section>`;
}

/**
 * Read what the nodes of these versions are called; a key that may not read agents sees ids.
 * @param {[string, number][]} versions
 * @returns {Map<string, string>} by agent and node
 */
function useNames(versions) {
  const { value } = useLoaded(async (signal) => {
    if (!allows("agents:read")) return new Map();
    const read = versions.map(async ([uuid, version]) => {
      const path = { agent_uuid: uuid, version };
      const { workflow_definition: definition } = await api().get("/api/v1/agents/{agent_uuid}/versions/{version}", { path, signal });
      const nodes = /** @type {{ id: string, data?: { name?: string } }[]} */ (/** @type {any} */ (definition).nodes ?? []);
      return nodes.map(({ id, data }) => /** @type {[string, string]} */ ([`${uuid} ${id}`, data?.name ?? id]));
    });
    const settled = await Promise.allSettled(read);
    return new Map(settled.flatMap((each) => (each.status === "fulfilled" ? each.value : [])));
  }, [JSON.stringify(versions)]);
  return value ?? new Map();
}

/** @param {{ answers: import("./telling.js").Answer[], onSeek: (seconds: number) => void }} properties */
export function Waterfall({ answers, onSeek }) {
  if (!answers.length) return null;
  const { scaleMs, rows } = waterfall(answers);
  const stages = [...new Set(rows.flatMap(({ bars }) => bars.map(({ stage }) => stage)))];
  return html`<section class="card">
    <h2>How long each answer took</h2>
    <p class="legend">${stages.map((stage) => html`<span class="stage ${classOf(stage)}">${stage}</span> `)}<span class="aside">of ${scaleMs} ms</span></p>
    <ol class="waterfall">
      ${rows.map(({ turn, start, ms, bars }) => html`<li>
        <${Moment} start=${start} onSeek=${onSeek} />
        <span class="turn">Turn ${turn}</span>
        <span class="track" aria-hidden="true">
          ${bars.map(({ stage, ms: took, left, width }) => html`<span class="stage ${classOf(stage)}" title="${stage}: ${Math.round(took)} ms" style=${{ left: `${left}%`, width: `${width}%` }}></span>`)}
        </span>
        <span class="number">${ms === null ? "not measured" : `${Math.round(ms)} ms`}</span>
        <span class="for-readers">: ${bars.map(({ stage, ms: took }) => `${stage} ${Math.round(took)} ms`).join(", ")}</span>
      </li>`)}
    </ol>
  </section>`;
}

const classOf = (stage) => stage.replaceAll(" ", "-");
