/** The list of runs, newest first, narrowed by what stands in the address. */

import { useLoaded } from "../loading.js";
import { agentName, useAgents } from "../parts/agents.js";
import { Field } from "../parts/fields.js";
import { Pages, Table } from "../parts/lists.js";
import { Empty, Loading } from "../parts/states.js";
import { dollars, duration, instant, words } from "../parts/words.js";
import { refine, writePlace } from "../router.js";
import { api } from "../session.js";
import { html, useEffect, useState } from "../../vendor/ui.js";
import { DIRECTIONS, filtersOf, fromField, LIMITS, noFilters, STATUSES, toField } from "./filters.js";
import { Outcome } from "./outcome.js";
import { lengthOf, otherOf } from "./people.js";

/** @typedef {import("../../types/api.js").Schemas["RunDocument"]} RunDocument */

const COLUMNS = ["Created", "Who", "Agent", "Outcome", "Length", "Answers", "Cost"];

export function List({ query }) {
  const filters = filtersOf(query);
  const { cursor = "", limit = LIMITS[0] } = query;
  const agents = useAgents();
  const loaded = useLoaded(
    (signal) => api().get("/api/v1/runs", { query: { ...filters, cursor, limit }, signal }),
    [JSON.stringify(filters), cursor, limit],
  );
  return html`<div class="runs">
    <div class="heading">
      <h1>Runs</h1>
      <button type="button" disabled=${loaded.isLoading} onClick=${loaded.reload}>Refresh</button>
    </div>
    <${Filters} query=${query} filters=${filters} agents=${agents.value ?? []} />
    <${Loading} loaded=${loaded}>
      ${({ items, next_cursor: next }) =>
        html`${items.length ? html`<${Rows} runs=${items} agents=${agents.value} filters=${filters} />` : html`<${None} filters=${filters} next=${next} />`}
          <${Pages} cursor=${cursor} next=${next} onGo=${(to) => refine({ cursor: to }, { replace: false })} />`}
    <//>
  </div>`;
}

function Filters({ query, filters, agents }) {
  const narrow = (name, read = (text) => text.trim()) => ({
    name,
    value: query[name] ?? "",
    onChange: ({ currentTarget }) => refine({ [name]: read(currentTarget.value), cursor: "" }),
  });
  const span = (name) => ({ ...narrow(name, fromField), type: "datetime-local", value: toField(query[name]) });
  const count = Object.keys(filters).length;
  return html`<details class="card narrowing" open=${count > 0 || globalThis.innerWidth > 768}>
    <summary>Filters${count ? ` (${count})` : ""}</summary>
    <div class="fields">
      <${Choice} label="Agent" ...${narrow("agent_uuid")} choices=${agents.map(({ uuid, name }) => [uuid, name])} />
      <${Choice} label="Status" ...${narrow("status")} choices=${STATUSES.map((name) => [name, words(name)])} />
      <${Choice} label="Direction" ...${narrow("direction")} choices=${DIRECTIONS.map((name) => [name, name])} />
      <${Typed} label="Disposition" ...${narrow("disposition")} />
      <${Typed} label="Caller number" type="tel" placeholder="+14155550100" ...${narrow("caller")} />
      <${Typed} label="Called number" type="tel" placeholder="+14155550100" ...${narrow("called")} />
      <${Typed} label="Created from" ...${span("created_from")} />
      <${Typed} label="Created before" ...${span("created_to")} />
      <${Typed} label="Campaign" placeholder="cmp_…" ...${narrow("campaign_id")} />
      <${Field} label="Runs a page" as="select" ...${narrow("limit")} value=${query.limit || LIMITS[0]}>
        ${LIMITS.map((number) => html`<option value=${number} selected=${number === (query.limit || LIMITS[0])}>${number}</option>`)}
      <//>
    </div>
    <button type="button" disabled=${!count} onClick=${() => refine(noFilters())}>Take all filters off</button>
  </details>`;
}

/** A field whose text stays while it is typed, whatever is loaded meanwhile; what the address says then takes its place. */
function Typed({ value, ...rest }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return html`<${Field} value=${text} onValue=${setText} ...${rest} />`;
}

/** A choice among values; one of the address that is none of them is shown all the same. */
function Choice({ label, choices, value, ...rest }) {
  const isOdd = value && !choices.some(([known]) => known === value);
  return html`<${Field} label=${label} as="select" value=${value} ...${rest}>
    <option value="">all</option>
    ${isOdd && html`<option value=${value}>${value}</option>`}
    ${choices.map(([known, name]) => html`<option value=${known} selected=${known === value}>${name}</option>`)}
  <//>`;
}

function Rows({ runs, agents, filters }) {
  return html`<${Table} label="Runs" columns=${COLUMNS}>
    ${runs.map((run) => html`<${Row} key=${run.id} run=${run} agent=${agentName(agents, run.agent_uuid)} filters=${filters} />`)}
  <//>`;
}

/** @param {{ run: RunDocument, agent: string, filters: Record<string, string> }} properties */
function Row({ run, agent, filters }) {
  return html`<tr>
    <td><a href=${writePlace(["runs", run.id], filters)}>${instant(run.created_at)}</a></td>
    <td>${otherOf(run)} <span class="aside">${run.direction}</span></td>
    <td>${agent}</td>
    <td><${Outcome} run=${run} /></td>
    <td class="number">${duration(lengthOf(run))}</td>
    <td class="number">${run.latency?.p50_ms != null && `${run.latency.p50_ms} ms`}</td>
    <td class="number">${dollars(run.cost_info?.total_usd)}</td>
  </tr>`;
}

function None({ filters, next }) {
  if (next) return html`<${Empty}>None of these is such a run: look on the next page, where older ones are.<//>`;
  if (Object.keys(filters).length) return html`<${Empty}>There is no such run.<//>`;
  return html`<${Empty}>No run yet. <a href="/call">Talk to an agent</a>, or have one call somebody.<//>`;
}
