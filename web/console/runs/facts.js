/** What is known of a run as a whole: facts, contexts, cost, what the review found, and what was delivered. */

import { dollars, duration, instant, words } from "../parts/words.js";
import { writePlace } from "../router.js";
import { html } from "../../vendor/ui.js";
import { lengthOf } from "./people.js";

/** @typedef {import("../../types/api.js").Schemas["RunDocument"]} RunDocument */

/** @param {{ run: RunDocument, agent: string }} properties */
export function Facts({ run, agent }) {
  const { telephony, promise } = run;
  const facts = {
    Agent: html`<a href=${writePlace(["agents", run.agent_uuid])}>${agent}</a>, version ${run.version}`,
    Caller: telephony.caller_number,
    Called: telephony.called_number,
    Direction: `${run.direction}${run.direction === "web" ? "" : ` by ${run.mode}`}`,
    "Answered by": words(run.answered_by),
    "Ended by": words(run.end_reason),
    Length: duration(lengthOf(run)),
    Created: instant(run.created_at),
    "To be dialled": instant(run.scheduled_at),
    Started: instant(run.started_at),
    Answered: instant(run.answered_at),
    Ended: instant(run.ended_at),
    Campaign: run.campaign_id && html`<a href=${writePlace(["campaigns", run.campaign_id])}>${run.campaign_id}</a>`,
    "Promised in": run.promised_in && html`<${RunLink} id=${run.promised_in} />`,
    "Call-back": promise && html`${words(promise.status)} for ${instant(promise.at) || "no known time"}: ${promise.reason} ${promise.workflow_run_id && html`<${RunLink} id=${promise.workflow_run_id} />`}`,
    "Id at the carrier": telephony.call_id,
  };
  return html`<section class="card"><h2>Facts</h2><${List} facts=${facts} /></section>`;
}

const RunLink = ({ id }) => html`<a href=${writePlace(["runs", id])}>run ${id}</a>`;

/** Names and values; what is empty is left out. */
function List({ facts }) {
  const known = Object.entries(facts).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return html`<dl>${known.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

/** What the call began with, what was gathered in it, and what the carrier announced. */
export function Contexts({ run }) {
  const contexts = { "Gathered in the call": run.gathered_context, "Given at the start": run.initial_context, "Announced by the carrier": run.logs };
  const known = Object.entries(contexts).filter(([, values]) => Object.keys(values).length);
  if (!known.length) return null;
  return html`<section class="card">
    <h2>Context</h2>
    ${known.map(([name, values]) => html`<h3>${name}</h3><${List} facts=${mapped(values, asText)} />`)}
  </section>`;
}

const mapped = (values, write) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, write(value)]));
const asText = (value) => (typeof value === "string" ? value : JSON.stringify(value));

const PARTS = { "Recognition": "stt_usd", "Language models": "llm_usd", "Voice": "tts_usd", "Infrastructure": "infrastructure_usd" };

/** @param {{ run: RunDocument }} properties */
export function Cost({ run: { cost_info: cost, usage_info: usage } }) {
  if (!cost) return null;
  return html`<section class="card">
    <h2>Cost</h2>
    <table class="plain">
      <thead class="for-readers"><tr><th scope="col">Part</th><th scope="col">Cost</th></tr></thead>
      <tbody>
        ${Object.entries(PARTS).map(([name, key]) => html`<tr><th scope="row">${name}</th><td class="number">${cost[key] == null ? "no price known" : dollars(cost[key])}</td></tr>`)}
        <tr><th scope="row">In all</th><td class="number"><strong>${dollars(cost.total_usd)}</strong></td></tr>
      </tbody>
    </table>
    ${cost.unpriced.length > 0 && html`<p class="hint">Without a price: ${cost.unpriced.join(", ")}.</p>`}
    ${usage && html`<p class="hint">${used(usage)}</p>`}
    ${cost.price_list && html`<p class="hint">Prices: ${cost.price_list}</p>`}
  </section>`;
}

/** @param {NonNullable<RunDocument["usage_info"]>} usage */
function used({ stt_seconds: seconds, tts_characters: characters, tts_spoken_characters: spoken, llm }) {
  const heard = spoken == null ? "" : ` (${spoken} heard)`;
  return `${Math.round(seconds)} s recognised, ${characters} characters synthesised${heard}, ${llm.total_tokens} tokens.`;
}

/** What the review has found; its form is that of the checks. */
export function Review({ run: { review, annotations } }) {
  const found = Object.entries(annotations ?? {});
  if (!review && !found.length) return null;
  return html`<section class="card">
    <h2>Review</h2>
    ${review && html`<p>${words(review.status)}${review.attempts > 1 ? ` after ${review.attempts} attempts` : ""} <span class="aside">${instant(review.last_attempt_at)}</span></p>`}
    ${found.map(([name, check]) => html`<${Check} key=${name} name=${name} check=${check} />`)}
  </section>`;
}

function Check({ name, check }) {
  if (typeof check !== "object" || check === null) return html`<h3>${name}</h3><p>${asText(check)}</p>`;
  const { name: title = name, summary, score, sentiment, tags = [], criteria = [], model, cost_usd: usd, ...rest } = check;
  const odd = Object.entries(rest).filter(([key]) => key !== "token_usage" && key !== "judged_at");
  return html`<h3>${title}${score != null && html` · <strong>${score}</strong> of 10`}${sentiment && ` · ${sentiment}`}</h3>
    ${summary && html`<p>${summary}</p>`}
    ${Array.isArray(criteria) && criteria.length > 0 && html`<ul>
      ${criteria.map((each) => html`<li>${each.result === true ? "Yes" : each.result === false ? "No" : asText(each.result)}: ${each.name}${each.reason && html` <span class="aside">${each.reason}</span>`}</li>`)}
    </ul>`}
    ${Array.isArray(tags) && tags.map((tag) => html`<span class="chip">${asText(tag)}</span> `)}
    ${odd.length > 0 && html`<${List} facts=${mapped(Object.fromEntries(odd), asText)} />`}
    <p class="hint">${[model, usd != null && dollars(usd)].filter(Boolean).join(", ")}</p>`;
}

/** @param {{ run: RunDocument }} properties */
export function Deliveries({ run: { callback, webhooks = [] } }) {
  const all = [...(callback ? [{ ...callback, to: "Callback" }] : []), ...webhooks.map((each) => ({ ...each, to: `Webhook ${each.node_id}` }))];
  if (!all.length) return null;
  return html`<section class="card">
    <h2>Deliveries</h2>
    <div class="wide">
      <table class="plain">
        <thead><tr>${["To", "Status", "Attempts", "Last", "Answer"].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
        <tbody>
          ${all.map(({ to, status, attempts, last_attempt_at: last, answer }) => html`<tr><th scope="row">${to}</th><td>${words(status)}</td><td class="number">${attempts}</td><td>${instant(last)}</td><td>${answer ?? ""}</td></tr>`)}
        </tbody>
      </table>
    </div>
  </section>`;
}
