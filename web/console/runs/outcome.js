/** How a run stands or ended, and its failure in a sentence. */

import { words } from "../parts/words.js";
import { html } from "../../vendor/ui.js";

const IS_BAD = new Set(["failed", "no_answer", "busy", "canceled"]);
const IS_FINAL = new Set(["completed", ...IS_BAD]);

/** Say whether a status is the last one that a run has. */
export const isOver = (status) => IS_FINAL.has(status);

/** @param {{ run: import("../../types/api.js").Schemas["RunDocument"] }} properties */
export function Outcome({ run: { status, disposition, failure } }) {
  const kind = IS_BAD.has(status) ? "bad" : isOver(status) ? "good" : "now";
  return html`<span class="chip ${kind}">${words(status)}</span>
    ${disposition && html` <span>${words(disposition)}</span>`}
    ${failure && html` <span class="aside">${failure.message}</span>`}`;
}
