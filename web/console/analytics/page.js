/** Analytics: what the organization's runs add up to, over time and by agent. */

import { figure, hasAny, labelOf, linesOf, METRICS, rowsOf } from "./figures.js";
import { Plot } from "./plot.js";
import { OWN, RANGES, spanOf } from "./span.js";
import { useLoaded } from "../loading.js";
import { agentName, useAgents } from "../parts/agents.js";
import { Field } from "../parts/fields.js";
import { Table } from "../parts/lists.js";
import { Empty, Failure, Loading } from "../parts/states.js";
import { refine } from "../router.js";
import { api } from "../session.js";
import { html, useState } from "../../vendor/ui.js";

const HOURS = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const TIME = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit", timeZoneName: "short" });
const DAYS = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });

/** @param {{ path: string[], query: Record<string, string> }} properties */
export function Page({ query }) {
  const agents = useAgents();
  const span = spanOf(query, new Date());
  return html`<div class="analytics">
    <h1>Analytics</h1>
    <${Filters} query=${query} span=${span} agents=${agents} />
    <div class="metrics">
      ${METRICS.map((shown) => html`<${Metric} key=${shown.metric} shown=${shown} span=${span} agents=${agents.value} />`)}
    </div>
  </div>`;
}

function Filters({ query, span, agents }) {
  const choose = (changes) => refine(changes, { replace: false });
  return html`<div class="filters">
      <${Field} label="Time" as="select" value=${span.range} onValue=${(range) => choose({ range })}>
        ${Object.entries(RANGES).map(([key, { name }]) => html`<option value=${key} selected=${key === span.range}>the last ${name}</option>`)}
        <option value=${OWN} selected=${span.range === OWN}>from and to a day</option>
      <//>
      ${span.range === OWN && html`
        <${Field} label="From" type="date" value=${query.from ?? ""} onValue=${(from) => choose({ from })} />
        <${Field} label="To" type="date" value=${query.to ?? ""} onValue=${(to) => choose({ to })} />`}
      <${Field} label="By" as="select" value=${span.by} onValue=${(by) => choose({ by })}>
        ${["hour", "day", "agent"].map((by) => html`<option value=${by} selected=${by === span.by}>${by === "day" ? "day of UTC" : by}</option>`)}
      <//>
      ${span.by !== "agent" && html`<${Field} label="Agent" as="select" value=${span.agent_uuid} onValue=${(agent) => choose({ agent })}>
        <option value="">all</option>
        ${(agents.value ?? []).map(({ uuid, name }) => html`<option value=${uuid} selected=${uuid === span.agent_uuid}>${name}</option>`)}
      <//>`}
    </div>
    ${span.isOfDays && html`<p class="hint">Whole days of UTC are counted, and a day begins at ${TIME.format(midnight())} where you are.</p>`}
    <${Failure} error=${agents.error} again=${agents.reload} />`;
}

/** When the present day of UTC began. */
const midnight = () => new Date().setUTCHours(0, 0, 0, 0);

function Metric({ shown, span, agents }) {
  const { from, to, by, agent_uuid } = span;
  const query = { metric: shown.metric, from, to, by, agent_uuid };
  const loaded = useLoaded((signal) => api().get("/api/v1/analytics", { query, signal }), [query]);
  const id = `metric-${shown.metric}`;
  return html`<section class=${shown.plots.length > 1 ? "card wide" : "card"} aria-labelledby=${id}>
    <h2 id=${id}>${shown.title}</h2>
    <p class="hint">${shown.hint}</p>
    <${Loading} loaded=${loaded}>
      ${(reply) => (hasAny(reply, shown) ? html`<${Figures} shown=${shown} reply=${reply} agents=${agents} />` : html`<${Empty}>Nothing in this time.<//>`)}
    <//>
  </section>`;
}

function Figures({ shown, reply, agents }) {
  const { metric } = shown;
  const head = shown.head.length ? shown.head : linesOf(reply, shown.plots[0]);
  return html`<dl class="head">
      ${head.map((name) => html`<div key=${name}><dt>${labelOf(metric, name)}</dt><dd>${figure(name, reply.totals[name])}</dd></div>`)}
    </dl>
    <div class="plots">
      ${shown.plots.map((plot) => html`<${Lines} key=${plot.title} metric=${metric} plot=${plot} reply=${reply} agents=${agents} isOnly=${shown.plots.length === 1} />`)}
    </div>`;
}

/** One plot with its table; what is by agent is a table alone. */
function Lines({ metric, plot, reply, agents, isOnly }) {
  const names = linesOf(reply, plot);
  const isByAgent = reply.by === "agent";
  const lines = names.map((name) => ({ label: labelOf(metric, name), values: reply.series[name] ?? [] }));
  const [isOpen, setOpen] = useState(false);
  const table = () => html`<${Numbers} metric=${metric} title=${plot.title} names=${names} reply=${reply} agents=${agents} />`;
  return html`<figure>
    ${!isOnly && html`<figcaption>${plot.title}</figcaption>`}
    ${isByAgent
      ? table()
      : html`<${Plot} starts=${reply.starts} lines=${lines} figure=${(value) => figure(names[0], value)} isUtc=${reply.by === "day"} />
          <details onToggle=${({ currentTarget }) => setOpen(currentTarget.open)}>
            <summary>${plot.title} as a table</summary>
            ${isOpen && table()}
          </details>`}
  </figure>`;
}

function Numbers({ metric, title, names, reply, agents }) {
  const columns = names.map((name) => labelOf(metric, name));
  const placeOf = { hour: (second) => HOURS.format(second * 1000), day: (second) => DAYS.format(second * 1000), agent: (uuid) => agentName(agents, uuid) };
  return html`<${Table} label=${title} columns=${[reply.by === "agent" ? "Agent" : reply.by === "day" ? "Day" : "Hour", ...columns]} numbers=${columns}>
    ${rowsOf(reply, names).map(
      ({ at, values }) => html`<tr key=${at}>
        <td>${placeOf[reply.by ?? "hour"](at)}</td>
        ${values.map((value, index) => html`<td class="number">${figure(names[index], value)}</td>`)}
      </tr>`,
    )}
  <//>`;
}
