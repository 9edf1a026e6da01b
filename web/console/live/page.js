/** `#/live` lists the calls of now, `#/live/<session>` is one of them. */

import { LiveCalls } from "./list.js";
import { html } from "../../vendor/ui.js";

/** @param {{ path: string[], query: Record<string, string> }} place */
export function Page({ path: [session], query }) {
  return html`<${LiveCalls} offset=${Number(query.offset) || 0} />`;
}
