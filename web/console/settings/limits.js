/** What the organization may use. */

import { Heading, at } from "./listing.js";
import { linesOf, listOf, numberOf } from "./values.js";
import { Field } from "../parts/fields.js";
import { Editing } from "../parts/form.js";
import { Loading } from "../parts/states.js";
import { useLoaded } from "../loading.js";
import { api } from "../session.js";
import { html } from "../../vendor/ui.js";

const PATH = "/api/v1/organization/limits";

/** @type {[keyof import("../../types/api.js").Schemas["LimitsDocument"], string, string, Record<string, unknown>][]} */
const NUMBERS = [
  ["max_concurrent_calls", "Calls at once", "0 stops all calls.", { max: 10000, required: true }],
  ["campaign_share_percent", "Share of campaigns in them, in %", "The rest is left to triggers.", { min: 1, max: 100, required: true }],
  ["minutes_per_month", "Minutes in a month", "Empty: no limit.", { max: 10000000 }],
  ["spend_per_day_usd", "Cost in a day, in USD", "Empty: no limit.", { max: 1000000, step: "any" }],
  ["calls_per_minute_per_key", "Calls that one API key may start in a minute", "", { max: 10000, required: true }],
  ["calls_per_number_per_day", "Calls of campaigns to one number in a day", "Of all campaigns together, and its own day; 0 stops their calls.", { max: 100, required: true }],
];

export function Limits() {
  const loaded = useLoaded((signal) => api().get(PATH, { signal }), []);
  return html`<${Heading} title="Limits" />
    <${Loading} loaded=${loaded}>${(limits) => html`<${Fields} limits=${limits} />`}<//>`;
}

function Fields({ limits: { allowed_destinations: destinations, ...limits } }) {
  const initial = { ...limits, isOwn: destinations === null, allowed_destinations: linesOf(destinations) };
  const onSend = async ({ isOwn, allowed_destinations: lines, ...values }) => {
    const numbers = Object.fromEntries(NUMBERS.map(([name]) => [name, numberOf(values[name])]));
    await api().put(PATH, { body: { ...numbers, allowed_destinations: isOwn ? null : listOf(lines) } });
  };
  return html`<${Editing} initial=${initial} scope="organization:write" stays onSend=${onSend} fields=${({ bind, values }) => html`
    ${NUMBERS.map(([name, label, hint, bounds]) => html`<${Field} key=${name} label=${label} hint=${hint} type="number" min="0" ...${bounds} ...${bind(name)} />`)}
    <fieldset>
      <legend>What may be dialled</legend>
      <${Field} label="The countries of your own verified numbers, without their premium rates" ...${bind("isOwn")} />
      ${!values.isOwn && html`<${Field} label="Only what begins so" as="textarea" rows="6"
        hint="One a line: the beginning of a number, such as +1415, or of a sip: URI. None: nothing may be dialled." ...${bind("allowed_destinations")} />`}
    </fieldset>
    <p class="hint">Numbers on the <a href=${at("do-not-call")}>do-not-call list</a> are never dialled.</p>`} />`;
}
