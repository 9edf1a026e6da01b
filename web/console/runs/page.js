/** Runs: the list, and one run at `/#/runs/<id>`. */

import { html } from "../../vendor/ui.js";
import { List } from "./list.js";
import { Run } from "./run.js";

/** @param {{ path: string[], query: Record<string, string> }} properties */
export function Page({ path: [id], query }) {
  return id ? html`<${Run} key=${id} id=${id} query=${query} />` : html`<${List} query=${query} />`;
}
