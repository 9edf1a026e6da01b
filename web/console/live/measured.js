/** What a call's answers and tools took. */

import { html } from "../../vendor/ui.js";

// What a person waits for without wondering whether anybody is there.
const LONG_WAIT_MS = 2000;

/** @param {{ answers: import("../../story.js").Answer[] }} properties in the order in which they are shown */
export function Answers({ answers }) {
  if (!answers.length) return null;
  return html`<section class="card" aria-labelledby="waits">
    <h2 id="waits">How long answers took</h2>
    <ol class="answers" tabindex="0">${answers.map((answer, index) => html`<${Answer} key=${answers.length - index} ...${answer} />`)}</ol>
  </section>`;
}

/** @param {import("../../story.js").Answer} answer */
function Answer({ turn, ms, stages }) {
  const long = stages.filter(([, stage]) => stage >= 1);
  return html`<li>
    <span>Turn ${turn}</span>
    <meter min="0" max=${LONG_WAIT_MS} value=${ms ?? 0} aria-label="Turn ${turn}"></meter>
    <span>${ms === null ? "" : `${Math.round(ms)} ms`}</span>
    <small>${long.map(([name, stage]) => `${name} ${Math.round(stage)}`).join(", ")}</small>
  </li>`;
}

/** @param {{ tools: [string, import("../../story.js").Tool][] }} properties */
export function Tools({ tools }) {
  if (!tools.length) return null;
  return html`<section class="card" aria-labelledby="tools">
    <h2 id="tools">Tools</h2>
    <ul class="answers">
      ${tools.map(([id, { name, status, ms }]) => html`<li key=${id}>
        <span>${name}</span><span>${status}</span><span>${ms === null ? "" : `${Math.round(ms)} ms`}</span>
      </li>`)}
    </ul>
  </section>`;
}
