/** `#/live` lists the calls of now, `#/live/<session>` is one of them. */

import { LiveCall } from "./call.js";
import { LiveCalls } from "./list.js";
import { sessionId } from "./sessions.js";
import { html } from "../../vendor/ui.js";

/** @param {{ path: string[], query: Record<string, string> }} place */
export function Page({ path: [session], query }) {
  return html`<div class="live">
    ${session
      ? html`<${LiveCall} key=${session} id=${sessionId(session)} />`
      : html`<${LiveCalls} offset=${Number(query.offset) || 0} />`}
  </div>`;
}
