/** The contacts of a campaign, with what has become of each. */

import { useFollowed } from "../loading.js";
import { Field } from "../parts/fields.js";
import { Pages, Table } from "../parts/lists.js";
import { Empty, Loading } from "../parts/states.js";
import { instant, words } from "../parts/words.js";
import { refine, writePlace } from "../router.js";
import { allows, api } from "../session.js";
import { html, useEffect, useRef } from "../../vendor/ui.js";

const FOLLOWED_EVERY_MS = 5000;
const STANDINGS = ["new", "calling", "waiting", "done", "canceled", "duplicate"];
const COLUMNS = ["Number", "Stands", "Outcome", "Calls", "Where", "Told to the agent"];

/**
 * @param {{ id: string, query: Record<string, string>, count: number, isMoving: boolean }} properties `count` is how many
 *   there are: where it is another, they are read again
 */
export function Contacts({ id, query: { standing = "", contacts: cursor = "" }, count, isMoving }) {
  const loaded = useFollowed(
    (signal) => api().get("/api/v1/campaigns/{campaign_id}/contacts", { path: { campaign_id: id }, query: { status: standing, cursor }, signal }),
    [id, standing, cursor],
    isMoving ? FOLLOWED_EVERY_MS : 0,
  );
  const state = `${count} ${isMoving}`;
  const shown = useRef(state);
  useEffect(() => {
    if (shown.current !== state) loaded.reload();
    shown.current = state;
  }, [state]);
  return html`<section class="card" aria-labelledby="contacts">
    <div class="heading">
      <h2 id="contacts">Contacts</h2>
      <button type="button" onClick=${loaded.reload}>Read again</button>
    </div>
    <div class="filters">
      <${Field} label="Those that are" as="select" value=${standing} onValue=${(value) => refine({ standing: value, contacts: "" })}>
        <option value="">all</option>
        ${STANDINGS.map((name) => html`<option value=${name}>${name}</option>`)}
      <//>
    </div>
    <${Loading} loaded=${loaded}>
      ${({ items, next_cursor: next }) => html`
        ${items.length
          ? html`<${Rows} contacts=${items} />`
          : html`<${Empty}>${next ? "None of these so far: the next page looks further." : standing ? "There are no such contacts." : "There are no contacts yet."}<//>`}
        <${Pages} cursor=${cursor} next=${next} onGo=${(to) => refine({ contacts: to }, { replace: false })} />`}
    <//>
  </section>`;
}

function Rows({ contacts }) {
  return html`<${Table} label="Contacts" columns=${COLUMNS}>
    ${contacts.map(
      (contact) => html`<tr key=${contact.id}>
        <td>${contact.phone_number}</td>
        <td>${contact.status}${contact.due_at && html`<br /><span class="hint">due ${instant(contact.due_at)}</span>`}</td>
        <td>${words(contact.disposition)}</td>
        <td>${contact.workflow_run_ids.map((run, index) => html`${index > 0 && ", "}<${Run} id=${run} number=${index + 1} />`)}</td>
        <td>${contact.country} <${Zones} zones=${contact.time_zone.split(",")} /></td>
        <td class="context">${Object.entries(contact.initial_context).map(([name, value]) => html`<div><span class="hint">${name}</span> ${textOf(value)}</div>`)}</td>
      </tr>`,
    )}
  <//>`;
}

const Run = ({ id, number }) =>
  allows("runs:read") ? html`<a href=${writePlace(["runs", id])} aria-label="Call ${number}, run ${id}">${number}</a>` : number;

/** Where somebody may be: a mobile number leaves many zones open. */
function Zones({ zones }) {
  if (zones.length < 3) return html`<span class="hint">${zones.join(", ")}</span>`;
  return html`<details><summary class="hint">one of ${zones.length} zones</summary>${zones.join(", ")}</details>`;
}

const textOf = (value) => (typeof value === "string" ? value : JSON.stringify(value));
