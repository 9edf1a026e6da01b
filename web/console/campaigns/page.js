/** Campaigns: all of them, a new one, one, and its edit. */

import { Campaign } from "./campaign.js";
import { Edit, New } from "./form.js";
import { List } from "./list.js";
import { html } from "../../vendor/ui.js";

/** @param {{ path: string[], query: Record<string, string> }} properties */
export function Page({ path: [id, part], query }) {
  if (!id) return html`<${List} query=${query} />`;
  if (id === "new") return html`<${New} />`;
  if (part === "edit") return html`<${Edit} key=${id} id=${id} />`;
  return html`<${Campaign} key=${id} id=${id} query=${query} />`;
}
