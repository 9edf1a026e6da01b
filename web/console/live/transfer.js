/** Puts the caller of a call that goes on through to somebody else, and tells everyone who watches how far that is. */

import { useAction } from "../loading.js";
import { Dialog } from "../parts/dialog.js";
import { Field, Form } from "../parts/fields.js";
import { Failure } from "../parts/states.js";
import { words } from "../parts/words.js";
import { html, useId, useState } from "../../vendor/ui.js";

/** @typedef {import("../../story.js").Story["transfer"]} Told */

const UNDER_WAY = { started: "Putting the caller through …", answered: "Somebody answers, the caller is moved to them …" };

/**
 * Say how far a transfer is, for people; nothing where there is none to tell of.
 * @param {Told} transfer
 */
export function progress(transfer) {
  if (!transfer) return "";
  const { state, reason } = transfer;
  if (state === "failed") return `Nobody was reached: ${words(reason?.replaceAll("-", "_") ?? "it failed")}`;
  return UNDER_WAY[state] ?? "";
}

/**
 * @param {{ watching: import("./watching.js").Watching, transfer: Told, destinations: [string, string][] }} properties
 *   `destinations` are where the agent itself puts callers through to, and what it calls that
 */
export function PutThrough({ watching, transfer, destinations }) {
  const [isAsked, setAsked] = useState(false);
  const isUnderWay = transfer !== null && transfer.state in UNDER_WAY;
  return html`<button type="button" disabled=${isUnderWay} onClick=${() => setAsked(true)}>Transfer …</button>
    <p class="count" role="status">${progress(transfer)}</p>
    ${isAsked && html`<${Wanted} watching=${watching} destinations=${destinations} onClose=${() => setAsked(false)} />`}`;
}

function Wanted({ watching, destinations, onClose }) {
  const list = useId();
  const [values, setValues] = useState({ to: "", mode: "cold", summary: "", say: "" });
  const { isBusy, error, run } = useAction();
  const bind = (name) => ({ value: values[name], onValue: (value) => setValues((before) => ({ ...before, [name]: value })) });
  const send = async () => {
    if (await run(() => watching.ask("transfer", asked(values)))) onClose();
  };
  const cancel = html`<button type="button" onClick=${onClose}>Cancel</button>`;
  return html`<${Dialog} title="Transfer the call" onClose=${onClose}>
    <${Form} send="Put through" isBusy=${isBusy} onSend=${send} beside=${cancel}>
      <${Field} label="To" required autofocus maxlength="256" inputmode="tel" list=${list} hint="A number such as +14155550100, or a sip: URI." ...${bind("to")} />
      <datalist id=${list}>${destinations.map(([to, name]) => html`<option key=${to} value=${to}>${name}</option>`)}</datalist>
      <${Field} label="How" as="select" ...${bind("mode")}>
        <option value="cold">cold: at once</option>
        <option value="warm">warm: they hear why first</option>
      <//>
      ${values.mode === "warm" && html`<${Field} label="Said to the other person first" as="textarea" rows="2" maxlength="2000" ...${bind("summary")} />`}
      <${Field} label="Said to the caller before" maxlength="4000" hint="Empty: that they are put through." ...${bind("say")} />
      <${Failure} error=${error} />
    <//>
  <//>`;
}

/** What is asked of the call: an empty `say` is the agent's own sentence. */
export function asked({ to, mode, summary, say }) {
  return { to: to.trim(), mode, ...(mode === "warm" && { summary }), ...(say.trim() && { say }) };
}
