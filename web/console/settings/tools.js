/** Tools that language models may call in calls. */

import { Act, Heading, Listing, at, useActs, useList } from "./listing.js";
import { CATEGORIES, categoryOf, definitionFor } from "./tool_definitions.js";
import { DefinitionFields } from "./tool_fields.js";
import { Field } from "../parts/fields.js";
import { Editing } from "../parts/form.js";
import { Loading } from "../parts/states.js";
import { instant } from "../parts/words.js";
import { useLoaded } from "../loading.js";
import { refine } from "../router.js";
import { api } from "../session.js";
import { html } from "../../vendor/ui.js";

const ONE = "/api/v1/tools/{tool_uuid}";

export function Tools({ path: [id], query }) {
  if (id === "new") return html`<${Heading} title="New tool" /><${Fields} />`;
  return id ? html`<${One} id=${id} />` : html`<${All} query=${query} />`;
}

function All({ query }) {
  const { status = "active" } = query;
  const list = useList("/api/v1/tools", query, { query: { status } });
  const { act, ask, shown } = useActs(list.reload);
  const options = ({ uuid }) => ({ path: { tool_uuid: uuid } });
  const archive = (tool) =>
    ask({
      title: `Archive the tool ${tool.name}?`,
      text: "No agent can use it from then on, nor can one be published that names it.",
      yes: "Archive",
      act: () => api().delete(ONE, options(tool)),
    });
  const isArchived = status === "archived";
  return html`<${Heading} title="Tools" add="New tool" to=${at("tools", "new")} scope="organization:write" />
    <${Field} label="Show archived tools instead" type="checkbox" checked=${isArchived} onValue=${(is) => refine({ status: is ? "archived" : null, cursor: null })} />
    ${shown}
    <${Listing} list=${list} query=${query} label="Tools" columns=${["Name", "What it does", "When it is used", "Changed", ""]}
      empty=${isArchived ? "There is no archived tool." : "There is no tool: what a model shall do beside talking, it does with one."}
      row=${(tool) => html`<tr key=${tool.uuid}>
        <td><a href=${at("tools", tool.uuid)}>${tool.name}</a></td>
        <td>${categoryOf(tool.category).name}</td>
        <td class="long">${tool.description}</td>
        <td>${instant(tool.updated_at)}</td>
        <td class="acts">${isArchived
          ? html`<${Act} label="Make usable" of=${tool.name} scope="organization:write" onClick=${() => act(() => api().post(`${ONE}/unarchive`, options(tool)))} />`
          : html`<${Act} label="Archive" of=${tool.name} scope="organization:write" onClick=${() => archive(tool)} />`}</td>
      </tr>`} />`;
}

function One({ id }) {
  const loaded = useLoaded((signal) => api().get(ONE, { path: { tool_uuid: id }, signal }), [id]);
  return html`<${Loading} loaded=${loaded}>${(tool) => html`
    <${Heading} title=${tool.name}>${tool.status === "archived" && html`<span class="chip">archived</span>`}<//>
    <${Fields} present=${tool} />`}<//>`;
}

/** Say at once which fields show faults: what the form shows at none, it tells below them. */
const faultsIn = (category, fault) =>
  Object.fromEntries(Object.keys(categoryOf(category).entries).map((name) => [name, fault("definition", name)]));

/** @param {{ present?: any }} properties the tool that is changed */
function Fields({ present = undefined }) {
  const initial = { name: "", description: "", category: "http_api", definition: definitionFor("http_api"), ...present };
  const onSend = async ({ name, description, category, definition }, go) => {
    const body = { name, description, category, definition };
    if (present) await api().put(ONE, { path: { tool_uuid: present.uuid }, body });
    else await api().post("/api/v1/tools", { body });
    go(at("tools"));
  };
  return html`<${Editing} initial=${initial} scope="organization:write" back=${at("tools")} onSend=${onSend} fields=${({ bind, values: { category, definition }, change, fault }) => html`
    <${Field} label="Name" required maxlength="64" spellcheck=${false} hint="What the model calls it by: letters, digits, _ and -." ...${bind("name")} />
    <${Field} label="When to use it, and for what" as="textarea" rows="3" required maxlength="1000" hint="The model reads it." ...${bind("description")} />
    <${Field} label="What it does" as="select" ...${bind("category")} onValue=${(to) => change({ category: to, definition: definitionFor(to, definition) })}>
      ${[...new Set([...Object.keys(CATEGORIES), category])].map((value) => html`<option key=${value} value=${value}>${categoryOf(value).name}</option>`)}
    <//>
    <${DefinitionFields} key=${category} category=${category} definition=${definition} faults=${faultsIn(category, fault)} onDefinition=${(is) => change({ definition: is })} />`} />`;
}
