/** The list of campaigns, newest first. */

import { useLoaded } from "../loading.js";
import { agentName, useAgents } from "../parts/agents.js";
import { Field } from "../parts/fields.js";
import { Pages, Table } from "../parts/lists.js";
import { Empty, Loading } from "../parts/states.js";
import { instant, words } from "../parts/words.js";
import { refine, writePlace } from "../router.js";
import { allows, api } from "../session.js";
import { html } from "../../vendor/ui.js";

const STATUSES = ["draft", "running", "paused", "completed", "canceled"];
const COLUMNS = ["Name", "Status", "Agent", "Made", "Started", "Ended"];

export function List({ query: { status = "", cursor = "" } }) {
  const agents = useAgents();
  const loaded = useLoaded((signal) => api().get("/api/v1/campaigns", { query: { status, cursor }, signal }), [status, cursor]);
  return html`<div class="heading">
      <h1>Campaigns</h1>
      ${allows("campaigns:write") && html`<a class="button main" href=${writePlace(["campaigns", "new"])}>New campaign</a>`}
    </div>
    <div class="filters">
      <${Field} label="Status" as="select" value=${status} onValue=${(value) => refine({ status: value, cursor: "" })}>
        <option value="">all</option>
        ${STATUSES.map((name) => html`<option value=${name}>${name}</option>`)}
      <//>
    </div>
    <${Loading} loaded=${loaded}>
      ${({ items, next_cursor }) =>
        html`${items.length ? html`<${Rows} campaigns=${items} agents=${agents.value} />` : html`<${None} isFiltered=${status || cursor} />`}
        <${Pages} cursor=${cursor} next=${next_cursor} onGo=${(to) => refine({ cursor: to }, { replace: false })} />`}
    <//>`;
}

function Rows({ campaigns, agents }) {
  return html`<${Table} label="Campaigns" columns=${COLUMNS}>
    ${campaigns.map(
      (campaign) => html`<tr key=${campaign.id}>
        <td><a href=${writePlace(["campaigns", campaign.id])}>${campaign.name}</a></td>
        <td><${Status} campaign=${campaign} /></td>
        <td>${agentName(agents, campaign.agent_uuid)}</td>
        <td>${instant(campaign.created_at)}</td>
        <td>${instant(campaign.started_at)}</td>
        <td>${instant(campaign.ended_at)}</td>
      </tr>`,
    )}
  <//>`;
}

function None({ isFiltered }) {
  if (isFiltered) return html`<${Empty}>There are no such campaigns.<//>`;
  return html`<${Empty}>No campaign yet. One has an agent call the people of a file, at hours that suit them, and nobody twice.<//>`;
}

/** Where a campaign stands, and why where it paused itself. */
export function Status({ campaign: { status, paused_reason } }) {
  return html`<span class="chip ${status}">${status}</span>${paused_reason && html` <span class="hint">${words(paused_reason.replaceAll("-", "_"))}</span>`}`;
}
