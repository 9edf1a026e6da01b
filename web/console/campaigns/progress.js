/** How far a campaign is: a bar, what stands where, how calls have ended, what it has cost. */

import { outcomesOf, partsOf, sentenceOf } from "./standing.js";
import { Table } from "../parts/lists.js";
import { dollars, duration, instant } from "../parts/words.js";
import { html } from "../../vendor/ui.js";

/** @param {{ progress: import("./standing.js").Progress }} properties */
export function Progress({ progress }) {
  const parts = partsOf(progress);
  if (!progress.contacts) return html`<p class="hint">There is nobody to call yet: add a file below.</p>`;
  return html`
    <p class="standing">${sentenceOf(progress)}</p>
    <svg class="parts" viewBox="0 0 ${progress.contacts} 1" preserveAspectRatio="none" aria-hidden="true">
      ${parts.map(({ kind, count, from }) => count > 0 && html`<rect key=${kind} class=${kind} x=${from} width=${count} height="1" />`)}
    </svg>
    <ul class="counters">
      ${parts.filter(({ kind, count }) => count || ["done", "new"].includes(kind)).map(({ kind, name, count }) => html`<li key=${kind}><span class="mark ${kind}" aria-hidden="true"></span><b>${count}</b> ${name}</li>`)}
    </ul>
    <dl class="figures">
      <div><dt>Calls that have ended</dt><dd>${progress.attempts}</dd></div>
      <div><dt>Talked</dt><dd>${duration(progress.call_seconds)}</dd></div>
      <div><dt>Cost so far</dt><dd>${dollars(progress.cost_usd)}</dd></div>
      ${progress.estimated_end_at && html`<div><dt>Over at about</dt><dd>${instant(progress.estimated_end_at)}</dd></div>`}
    </dl>
    <${Outcomes} outcomes=${outcomesOf(progress)} />`;
}

function Outcomes({ outcomes }) {
  if (!outcomes.length) return null;
  return html`<${Table} label="Outcomes" columns=${["Outcome", "Contacts", "Share", ""]} numbers=${["Contacts", "Share"]}>
    ${outcomes.map(
      ({ name, count, share }) => html`<tr key=${name}>
        <td>${name}</td>
        <td class="number">${count}</td>
        <td class="number">${Math.round(share * 100)} %</td>
        <td class="wide"><meter value=${share} aria-hidden="true"></meter></td>
      </tr>`,
    )}
  <//>`;
}
