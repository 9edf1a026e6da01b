/** The ways to the carrier: telephony configurations, each with its phone numbers. */

import { Secret } from "./credentials.js";
import { Act, Heading, Listing, at, useActs, useList } from "./listing.js";
import { NewNumber, OneNumber, Numbers } from "./numbers.js";
import { textOf } from "./values.js";
import { Field } from "../parts/fields.js";
import { Editing } from "../parts/form.js";
import { Loading } from "../parts/states.js";
import { instant } from "../parts/words.js";
import { useLoaded } from "../loading.js";
import { allows, api } from "../session.js";
import { html } from "../../vendor/ui.js";

const ALL = "/api/v1/telephony-configurations";
const ONE = `${ALL}/{configuration_id}`;

export function Carrier({ path: [id, part, number], query }) {
  if (id === undefined) return html`<${Configurations} query=${query} />`;
  if (id === "new") return html`<${Heading} title="New configuration" /><${Fields} />`;
  if (part === "numbers" && number) return number === "new" ? html`<${NewNumber} of=${id} />` : html`<${OneNumber} of=${id} id=${number} />`;
  return html`<${Configuration} id=${id} query=${query} isEdited=${part === "edit"} />`;
}

function Configurations({ query }) {
  const list = useList(ALL, query);
  const acts = useConfigurationActs(list.reload);
  return html`<${Heading} title="Carrier and numbers" add="New configuration" to=${at("carrier", "new")} scope="telephony:write" />
    ${acts.shown}
    <${Listing} list=${list} query=${query} label="Telephony configurations" columns=${["Name", "Domain", "Accepted by the carrier", ""]}
      empty="There is no way to a carrier yet: make a configuration with the token and the domain of your account there."
      row=${(configuration) => html`<tr key=${configuration.id}>
        <td><a href=${at("carrier", configuration.id)}>${configuration.name}</a> ${configuration.is_default && html`<span class="chip">default</span>`}</td>
        <td>${configuration.domain_id}</td>
        <td>${instant(configuration.verified_at) || "not yet"}</td>
        <td class="acts"><${Acts} configuration=${configuration} acts=${acts} /></td>
      </tr>`} />`;
}

function Configuration({ id, query, isEdited }) {
  const loaded = useLoaded((signal) => api().get(ONE, { path: { configuration_id: id }, signal }), [id]);
  const acts = useConfigurationActs(loaded.reload);
  return html`<${Loading} loaded=${loaded}>${(configuration) => html`
    <${Heading} title=${configuration.name}>${configuration.is_default && html`<span class="chip">default</span>`}<//>
    ${acts.shown}
    ${isEdited
      ? html`<${Fields} present=${configuration} />`
      : html`<${Facts} configuration=${configuration} acts=${acts} /><${Numbers} of=${id} query=${query} />`}`}<//>`;
}

function Facts({ configuration, acts }) {
  const { credentials } = configuration;
  return html`<div class="card">
    <dl>
      <dt>Carrier</dt><dd>${configuration.provider}</dd>
      <dt>Domain</dt><dd>${configuration.domain_id}</dd>
      <dt>Token</dt><dd><code>${credentials.bearer_token}</code></dd>
      <dt>Application</dt><dd>${credentials.application_name ?? "none"}</dd>
      <dt>Webhook key</dt><dd>${credentials.webhook_api_key ? html`<code>${credentials.webhook_api_key}</code>` : "none"}</dd>
      <dt>Accepted by the carrier</dt><dd>${instant(configuration.verified_at) || "not yet: verify it"}</dd>
    </dl>
    <div class="row">
      ${allows("telephony:write") && html`<a class="button" href=${at("carrier", configuration.id, "edit")}>Edit</a>`}
      <${Acts} configuration=${configuration} acts=${acts} />
    </div>
  </div>`;
}

/** What is done to a configuration, whether it is seen in the list or by itself. */
function useConfigurationActs(reload) {
  const { act, ask, shown, isBusy } = useActs(reload);
  const options = ({ id }) => ({ path: { configuration_id: id } });
  return {
    shown,
    isBusy,
    verify: (configuration) => act(() => api().post(`${ONE}/verify`, options(configuration))),
    setDefault: (configuration) => act(() => api().post(`${ONE}/set-default`, options(configuration))),
    remove: (configuration) =>
      ask({
        title: `Delete ${configuration.name}?`,
        text: "Its phone numbers go with it: calls to them are answered no more, and none leave by it.",
        yes: "Delete with its numbers",
        act: async (go) => {
          await api().delete(ONE, options(configuration));
          go(at("carrier"));
        },
      }),
  };
}

const Acts = ({ configuration, acts }) => html`
  <${Act} label="Verify" of=${configuration.name} scope="telephony:write" disabled=${acts.isBusy} onClick=${() => acts.verify(configuration)} />
  ${!configuration.is_default && html`<${Act} label="Make default" of=${configuration.name} scope="telephony:write" onClick=${() => acts.setDefault(configuration)} />`}
  <${Act} label="Delete" of=${configuration.name} scope="telephony:write" onClick=${() => acts.remove(configuration)} />`;

/** @param {{ present?: import("../../types/api.js").Schemas["ConfigurationDocument"] }} properties its secrets are masks */
function Fields({ present = undefined }) {
  const masks = present?.credentials;
  const initial = {
    name: present?.name ?? "",
    domain_id: masks?.domain_id ?? "",
    application_name: masks?.application_name ?? "",
    bearer_token: "",
    webhook_api_key: "",
    isWithoutWebhookKey: false,
    is_default: present?.is_default ?? false,
  };
  const onSend = async (values, go) => {
    const body = configurationOf(values, present);
    const { id } = present
      ? await api().put(ONE, { path: { configuration_id: present.id }, body })
      : await api().post(ALL, { body });
    go(at("carrier", id));
  };
  return html`<${Editing} initial=${initial} scope="telephony:write" back=${at("carrier", ...(present ? [present.id] : []))} onSend=${onSend} fields=${({ bind, values }) => html`
    <${Field} label="Name" required maxlength="64" ...${bind("name")} />
    <${Field} label="Cloudonix domain" required maxlength="200" hint="acme stands for acme.cloudonix.net." ...${bind("domain_id", "credentials", "domain_id")} />
    <${Secret} label="Token" required=${!present} mask=${masks?.bearer_token ?? ""} ...${bind("bearer_token", "credentials", "bearer_token")} />
    <${Field} label="Application" maxlength="64" hint="The voice application there that brings calls here, where there is one." ...${bind("application_name", "credentials", "application_name")} />
    <${Secret} label="Webhook key" mask=${masks?.webhook_api_key ?? ""} hint="What the carrier shows with its webhooks, where it shows one." disabled=${values.isWithoutWebhookKey} ...${bind("webhook_api_key", "credentials", "webhook_api_key")} />
    ${masks?.webhook_api_key && html`<${Field} label="Take the webhook key away" ...${bind("isWithoutWebhookKey")} />`}
    ${!present?.is_default && html`<${Field} label="Calls that name no configuration leave by it" ...${bind("is_default")} />`}`} />`;
}

/** Write what the API takes: a secret that is left empty stays as it is. */
function configurationOf({ name, is_default, isWithoutWebhookKey, bearer_token: token, webhook_api_key: key, ...rest }, present) {
  const credentials = {
    domain_id: rest.domain_id.trim(),
    application_name: textOf(rest.application_name),
    ...(token && { bearer_token: token }),
    ...(key && { webhook_api_key: key }),
    ...(isWithoutWebhookKey && { webhook_api_key: null }),
  };
  return { name: name.trim(), is_default, credentials, ...(!present && { provider: "cloudonix" }) };
}
