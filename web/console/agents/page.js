/** The agents: their list, and the editor of one. */

import { Editor } from "./editor.js";
import { AgentsList } from "./list.js";
import { html } from "../../vendor/ui.js";

/** @param {{ path: string[], query: Record<string, string> }} properties `path` is empty, `["new"]` or an agent's UUID */
export function Page({ path: [uuid], query }) {
  if (!uuid) return html`<${AgentsList} query=${query} />`;
  return html`<${Editor} key=${uuid} uuid=${uuid === "new" ? null : uuid} name=${query.name ?? ""} />`;
}
