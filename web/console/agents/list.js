/** The list of agents: those that take calls, or the archived ones. */

import { useAction, useLoaded } from "../loading.js";
import { Dialog } from "../parts/dialog.js";
import { Field, Form } from "../parts/fields.js";
import { Pages, Table } from "../parts/lists.js";
import { Empty, Failure, Loading } from "../parts/states.js";
import { instant } from "../parts/words.js";
import { go, refine, writePlace } from "../router.js";
import { allows, api } from "../session.js";
import { html, useState } from "../../vendor/ui.js";

const COLUMNS = ["Agent", "Description", "Published", "Draft", "Changed", ""];

export function AgentsList({ query: { status = "active", cursor = "" } }) {
  const loaded = useLoaded((signal) => api().get("/api/v1/agents", { query: { status, cursor, limit: 50 }, signal }), [status, cursor]);
  const [isNaming, setNaming] = useState(false);
  const { error, isBusy, run } = useAction();
  const act = (path, uuid) => run(() => api().post(path, { path: { agent_uuid: uuid } })).then((worked) => worked && loaded.reload());
  return html`<div class="heading">
      <h1>Agents</h1>
      <label for="status">Which</label>
      <select id="status" class="short" value=${status} onChange=${({ currentTarget }) => refine({ status: currentTarget.value, cursor: null })}>
        <option value="active">Active</option>
        <option value="archived">Archived</option>
      </select>
      <button type="button" disabled=${!allows("agents:write")} onClick=${() => setNaming(true)}>New agent</button>
    </div>
    <${Failure} error=${error} />
    <${Loading} loaded=${loaded}>${({ items, next_cursor: next }) => html`
      ${items.length
        ? html`<${Table} label="Agents" columns=${COLUMNS}>
            ${items.map((agent) => html`<${Row} key=${agent.uuid} agent=${agent} isBusy=${isBusy} onAct=${act} />`)}
          <//>`
        : html`<${Empty}>${status === "active" ? "There is no agent yet. Make one: draw what it says, and talk to it." : "No agent is archived."}<//>`}
      <${Pages} cursor=${cursor} next=${next} onGo=${(to) => refine({ cursor: to }, { replace: false })} />`}
    <//>
    ${isNaming && html`<${NewAgent} onClose=${() => setNaming(false)} />`}`;
}

function Row({ agent: { uuid, name, description, status, published_version: published, draft_version: draft, updated_at: changed }, isBusy, onAct }) {
  const isOff = isBusy || !allows("agents:write");
  const other = status === "active" ? "archive" : "unarchive";
  return html`<tr>
    <th scope="row"><a href=${writePlace(["agents", uuid])}>${name}</a></th>
    <td>${description}</td>
    <td>${published === null ? "not yet" : `version ${published}`}</td>
    <td>${draft === null ? "none" : `version ${draft}`}</td>
    <td>${instant(changed)}</td>
    <td class="acts">
      <button type="button" aria-label="Duplicate ${name}" disabled=${isOff} onClick=${() => onAct("/api/v1/agents/{agent_uuid}/duplicate", uuid)}>Duplicate</button>
      <button type="button" aria-label="${other === "archive" ? "Archive" : "Unarchive"} ${name}" disabled=${isOff}
        onClick=${() => onAct(`/api/v1/agents/{agent_uuid}/${other}`, uuid)}>${other === "archive" ? "Archive" : "Unarchive"}</button>
    </td>
  </tr>`;
}

/** Asks for the name alone: nothing is stored before there is something to store. */
function NewAgent({ onClose }) {
  const [name, setName] = useState("");
  return html`<${Dialog} title="New agent" onClose=${onClose}>
    <${Form} send="Draw it" onSend=${() => go(writePlace(["agents", "new"], { name: name.trim() }))}>
      <${Field} label="Name" required maxlength="100" pattern=".*\\S.*" value=${name} onValue=${setName} />
    <//>
    <div class="row"><button type="button" onClick=${onClose}>Cancel</button></div>
  <//>`;
}
