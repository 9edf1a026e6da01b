/** Credentials that tools present to other services: written, and never shown again. */

import { Act, Heading, Listing, at, useActs, useList } from "./listing.js";
import { Field } from "../parts/fields.js";
import { Editing } from "../parts/form.js";
import { Loading } from "../parts/states.js";
import { instant, words } from "../parts/words.js";
import { useLoaded } from "../loading.js";
import { api } from "../session.js";
import { html } from "../../vendor/ui.js";

const ONE = "/api/v1/credentials/{credential_uuid}";

/** @type {Record<import("../../types/api.js").Schemas["CredentialType"], { name: string, fields: Record<string, string>, secret: string }>} */
const TYPES = {
  bearer_token: { name: "Bearer token", fields: { token: "Token" }, secret: "token" },
  api_key: { name: "API key in a header", fields: { header_name: "Header", api_key: "Key" }, secret: "api_key" },
  basic_auth: { name: "User and password", fields: { username: "User", password: "Password" }, secret: "password" },
  custom_header: { name: "Any header", fields: { header_name: "Header", header_value: "Value" }, secret: "header_value" },
};

/** A type of a newer release has no fields that are known here. */
const typeOf = (type) => TYPES[type] ?? { name: words(type), fields: {}, secret: "" };

export function Credentials({ path: [id], query }) {
  if (id === "new") return html`<${Heading} title="New credential" /><${Fields} />`;
  return id ? html`<${One} id=${id} />` : html`<${All} query=${query} />`;
}

function All({ query }) {
  const list = useList("/api/v1/credentials", query);
  const { ask, shown } = useActs(list.reload);
  const remove = ({ uuid, name }) =>
    ask({
      title: `Delete the credential ${name}?`,
      text: "One that an active tool names can't be deleted.",
      yes: "Delete",
      act: () => api().delete(ONE, { path: { credential_uuid: uuid } }),
    });
  return html`<${Heading} title="Credentials" add="New credential" to=${at("credentials", "new")} scope="organization:write" />
    ${shown}
    <${Listing} list=${list} query=${query} label="Credentials" columns=${["Name", "Type", "Secret", "Changed", ""]}
      empty="There is no credential: tools present them to services that ask who calls."
      row=${(credential) => html`<tr key=${credential.uuid}>
        <td><a href=${at("credentials", credential.uuid)}>${credential.name}</a></td>
        <td>${typeOf(credential.type).name}</td>
        <td><code>${credential[typeOf(credential.type).secret]}</code></td>
        <td>${instant(credential.updated_at)}</td>
        <td class="acts"><${Act} label="Delete" of=${credential.name} scope="organization:write" onClick=${() => remove(credential)} /></td>
      </tr>`} />`;
}

function One({ id }) {
  const loaded = useLoaded((signal) => api().get(ONE, { path: { credential_uuid: id }, signal }), [id]);
  return html`<${Loading} loaded=${loaded}>${(credential) => html`<${Heading} title=${credential.name} /><${Fields} present=${credential} />`}<//>`;
}

/** @param {{ present?: any }} properties the credential that is changed, its secret as a mask */
function Fields({ present = undefined }) {
  const initial = { name: "", type: "bearer_token", header_name: "", username: "", ...present, api_key: "", token: "", password: "", header_value: "" };
  const onSend = async ({ name, type, ...values }, go) => {
    const given = Object.keys(typeOf(type).fields).map((field) => [field, values[field] || null]);
    const body = { name: name.trim(), type, ...Object.fromEntries(given) };
    if (present) await api().put(ONE, { path: { credential_uuid: present.uuid }, body });
    else await api().post("/api/v1/credentials", { body });
    go(at("credentials"));
  };
  return html`<${Editing} initial=${initial} scope="organization:write" back=${at("credentials")} onSend=${onSend} fields=${({ bind, values: { type } }) => html`
    <${Field} label="Name" required maxlength="100" ...${bind("name")} />
    <${Field} label="Type" as="select" disabled=${Boolean(present)} hint=${present ? "A credential's type never changes: make another." : ""} ...${bind("type")}>
      ${Object.entries(TYPES).map(([value, { name }]) => html`<option value=${value}>${name}</option>`)}
    <//>
    ${Object.entries(typeOf(type).fields).map(([field, label]) =>
      field === typeOf(type).secret
        ? html`<${Secret} key=${field} label=${label} mask=${present?.[field] ?? ""} ...${bind(field)} />`
        : html`<${Field} key=${field} label=${label} maxlength="256" placeholder=${type === "api_key" ? "X-API-Key" : undefined} ...${bind(field)} />`,
    )}`} />`;
}

/** A secret: it is written here, and what is stored shows its last characters alone. `mask` is how that is shown. */
export const Secret = ({ mask = "", hint = "", ...rest }) =>
  html`<${Field} type="password" autocomplete="new-password" spellcheck=${false} placeholder=${mask || undefined}
    hint=${mask ? `Empty keeps the present one, which ends in ${mask.replace("…", "")}.` : `${hint} It is stored encrypted, and never shown again.`.trim()} ...${rest} />`;
