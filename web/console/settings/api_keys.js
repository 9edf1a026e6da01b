/** API keys: made, shown once, archived and made usable again. */

import { Act, Heading, Listing, at, useActs, useList } from "./listing.js";
import { ALL_SCOPES, SCOPES, scopesInShort } from "./scopes.js";
import { instantOf } from "./values.js";
import { CopyText } from "../parts/copy.js";
import { Field } from "../parts/fields.js";
import { Editing } from "../parts/form.js";
import { instant } from "../parts/words.js";
import { refine } from "../router.js";
import { allows, api, signedIn } from "../session.js";
import { html, useEffect, useRef, useState } from "../../vendor/ui.js";

const ONE = "/api/v1/user/api-keys/{key_id}";

export const ApiKeys = ({ path: [to], query }) => (to === "new" ? html`<${NewKey} />` : html`<${Keys} query=${query} />`);

function Keys({ query }) {
  const list = useList("/api/v1/user/api-keys", query, { query: { include_archived: query.archived } });
  const { act, ask, shown } = useActs(list.reload);
  const archive = ({ id, name }) =>
    ask({
      title: `Archive the key ${name}?`,
      text: id === signedIn.value?.me.key_id ? "You are signed in with it: nothing here will answer any more." : "Whatever uses it is refused from then on.",
      yes: "Archive",
      act: () => api().delete(ONE, { path: { key_id: id } }),
    });
  return html`<${Heading} title="API keys" add="New key" to=${at("keys", "new")} scope="api-keys:write" />
    <${Field} label="Show archived keys" type="checkbox" checked=${query.archived === "true"} onValue=${(is) => refine({ archived: is || null, cursor: null })} />
    ${shown}
    <${Listing} list=${list} query=${query} label="API keys" columns=${["Name", "Begins with", "May", "Last used", "Until", ""]} empty="There is no key."
      row=${(key) => html`<tr key=${key.id}>
        <td>${key.name} ${key.id === signedIn.value?.me.key_id && html`<span class="chip">yours</span>`}</td>
        <td><code>${key.key_prefix}…</code></td>
        <td class="long">${scopesInShort(key.scopes)}</td>
        <td>${instant(key.last_used_at) || "never"}</td>
        <td>${key.archived_at ? html`<span class="chip">archived</span>` : until(key)}</td>
        <td class="acts">${key.archived_at
          ? html`<${Act} label="Reactivate" of=${key.name} scope="api-keys:write" onClick=${() => act(() => api().put(`${ONE}/reactivate`, { path: { key_id: key.id } }))} />`
          : html`<${Act} label="Archive" of=${key.name} scope="api-keys:write" onClick=${() => archive(key)} />`}</td>
      </tr>`} />`;
}

function until({ is_active: isActive, expires_at: end }) {
  if (!isActive) return html`<span class="chip">expired</span> ${instant(end)}`;
  return instant(end) || "no end";
}

function NewKey() {
  const [made, setMade] = useState(/** @type {import("../../types/api.js").Schemas["CreatedApiKey"] | null} */ (null));
  if (made) return html`<${Made} made=${made} />`;
  const initial = { name: "", expires_at: "", scopes: ALL_SCOPES.filter(allows) };
  const onSend = async ({ name, expires_at: end, scopes }) =>
    setMade(await api().post("/api/v1/user/api-keys", { body: { name: name.trim(), scopes, expires_at: instantOf(end) } }));
  return html`<${Heading} title="New API key" />
    <${Editing} initial=${initial} scope="api-keys:write" send="Make the key" back=${at("keys")} onSend=${onSend} fields=${({ bind, values, change, fault }) => html`
      <${Field} label="Name" required maxlength="100" hint="What it is for: whoever lists the keys knows it by that." ...${bind("name")} />
      <${Field} label="Good until" type="datetime-local" hint="Empty: until it is archived." ...${bind("expires_at")} />
      <${Scopes} chosen=${values.scopes} fault=${fault("scopes")} onChoose=${(scopes) => change({ scopes })} />`} />`;
}

/** What the new key may do: no more than the one that makes it. */
function Scopes({ chosen, fault, onChoose }) {
  const choose = (scope, is) => onChoose(is ? [...chosen, scope] : chosen.filter((other) => other !== scope));
  return html`<fieldset>
    <legend>What it may do</legend>
    <p class="hint">No more than your own key may.</p>
    <div class="row">
      <button type="button" onClick=${() => onChoose(ALL_SCOPES.filter(allows))}>All</button>
      <button type="button" onClick=${() => onChoose(ALL_SCOPES.filter((scope) => allows(scope) && scope.endsWith(":read")))}>Only see</button>
      <button type="button" onClick=${() => onChoose([])}>None</button>
    </div>
    <div class="choices">
      ${ALL_SCOPES.map((scope) => html`<${Field} key=${scope} label=${scope} hint=${SCOPES[scope]} type="checkbox" checked=${chosen.includes(scope)} disabled=${!allows(scope)} onValue=${(is) => choose(scope, is)} />`)}
    </div>
    ${fault && html`<p class="fault">${fault}</p>`}
  </fieldset>`;
}

function Made({ made }) {
  const place = useRef(/** @type {HTMLDivElement | null} */ (null));
  useEffect(() => place.current?.focus(), []);
  return html`<div class="card" ref=${place} tabindex="-1">
    <h1>The key ${made.name} is made</h1>
    <p>It is shown this once, and stored nowhere: copy it now, to where it is kept safe.</p>
    <${CopyText} label="API key" text=${made.api_key} />
    <a class="button" href=${at("keys")}>I have it</a>
  </div>`;
}
