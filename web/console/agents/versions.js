/** Other states of an agent beside one's own: its versions, and what somebody else has saved meanwhile. */

import { compare } from "./diff.js";
import { kindName } from "./kinds.js";
import { useLoaded } from "../loading.js";
import { Dialog } from "../parts/dialog.js";
import { Empty, Failure, Loading } from "../parts/states.js";
import { instant } from "../parts/words.js";
import { api } from "../session.js";
import { html, useState } from "../../vendor/ui.js";

/**
 * The versions, and what one of them has otherwise than the draft.
 * @param {object} properties
 * @param {any} properties.base
 * @param {import("./work.js").Work} properties.work
 * @param {boolean} properties.isFixed
 * @param {(taken: Pick<import("./work.js").Work, "workflow_definition" | "settings">) => void} properties.onTake
 */
export function Versions({ base, work, isFixed, onTake }) {
  const uuid = base.agent?.uuid;
  const [cursor, setCursor] = useState("");
  const [number, setNumber] = useState(/** @type {number | null} */ (null));
  const loaded = useLoaded(
    async (signal) => (uuid ? api().get("/api/v1/agents/{agent_uuid}/versions", { path: { agent_uuid: uuid }, query: { cursor }, signal }) : { items: [], next_cursor: null }),
    [uuid, cursor, base.etag],
  );
  return html`<section aria-labelledby="versions-title">
    <h2 id="versions-title">Versions</h2>
    <${Loading} loaded=${loaded}>${({ items, next_cursor: next }) => html`
      ${items.length ? html`<ul class="versions">${items.map(({ version, status, created_at: created, published_at: published }) => html`<li key=${version}>
          <button type="button" aria-pressed=${version === number} onClick=${() => setNumber(version)}>Version ${version}</button>
          <span class="chip">${status}</span> <span class="hint">${instant(published ?? created)}</span>
        </li>`)}</ul>` : html`<${Empty}>It is not stored yet, so it has no version.<//>`}
      ${next && html`<button type="button" onClick=${() => setCursor(next)}>Older ones</button>`}`}
    <//>
    ${number !== null && html`<${Compared} key=${number} uuid=${uuid} number=${number} work=${work} isFixed=${isFixed} onTake=${onTake} />`}
  </section>`;
}

function Compared({ uuid, number, work, isFixed, onTake }) {
  const loaded = useLoaded(
    (signal) => api().get("/api/v1/agents/{agent_uuid}/versions/{version}", { path: { agent_uuid: uuid, version: number }, signal }),
    [uuid, number],
  );
  return html`<h3>From version ${number} to what you edit</h3>
    <${Loading} loaded=${loaded}>${({ workflow_definition, settings }) => html`
      <${Differences} differences=${compare({ ...work, workflow_definition, settings }, work)} />
      <button type="button" disabled=${isFixed} onClick=${() => onTake({ workflow_definition, settings })}>Edit version ${number}</button>`}
    <//>`;
}

/** Asks whose work is to count, after somebody else was quicker; nothing is lost whatever the answer. */
export function Conflict({ works }) {
  const [isAsking, setAsking] = useState(true);
  const { isBusy, error } = works.saving;
  if (!isAsking) return html`<p class="failure" role="status">Somebody else has saved this agent since you opened it.
    <button type="button" onClick=${() => setAsking(true)}>Compare</button></p>`;
  return html`<${Dialog} title="Somebody else has saved this agent" onClose=${() => setAsking(false)}>
    <p>Yours is not saved, and not lost. To make theirs into yours one would change this:</p>
    <${Differences} differences=${works.differences()} />
    <${Failure} error=${error} />
    <div class="row">
      <button type="button" disabled=${isBusy} onClick=${works.takeTheirs}>Take theirs</button>
      <button type="button" class="danger" disabled=${isBusy} onClick=${works.saveOver}>Save mine over theirs</button>
      <button type="button" onClick=${() => setAsking(false)}>Go on editing</button>
    </div>
    <p class="hint">After taking theirs, Undo brings yours back.</p>
  <//>`;
}

const WHAT = { nodes: "Node", edges: "Way", workflow: "Workflow", settings: "Settings", agent: "Agent" };

/** @param {{ differences: import("./diff.js").PieceChange[] }} properties */
function Differences({ differences }) {
  if (!differences.length) return html`<p class="state">Nothing differs.</p>`;
  return html`<ul class="differences">
    ${differences.map(({ kind, id, name, change, fields }) => html`<li key=${`${kind} ${id}`} class=${change}>
      <strong>${WHAT[kind]} ${name}</strong> ${change}
      ${change === "changed" && html`<dl>
        ${fields.map(({ path, before, after }) => html`<dt key=${path}>${path.replace(/^data\./, "")}</dt><dd>${before !== undefined && html`<del>${written(before)}</del> `}${after !== undefined && html`<ins>${written(after)}</ins>`}</dd>`)}
      </dl>`}
      ${change === "added" && kind === "nodes" && html` <span class="hint">${kindName(fields.find(({ path }) => path === "type")?.after)}</span>`}
    </li>`)}
  </ul>`;
}

const written = (value) => (typeof value === "string" ? value : JSON.stringify(value));
