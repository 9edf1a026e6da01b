/** The phone numbers of a telephony configuration: who answers, and which one is shown to those who are called. */

import { Act, Heading, Listing, at, useActs, useList } from "./listing.js";
import { textOf } from "./values.js";
import { AgentField, agentName, useAgents } from "../parts/agents.js";
import { Field } from "../parts/fields.js";
import { Editing } from "../parts/form.js";
import { Loading } from "../parts/states.js";
import { instant } from "../parts/words.js";
import { useLoaded } from "../loading.js";
import { api } from "../session.js";
import { html } from "../../vendor/ui.js";

const ALL = "/api/v1/telephony-configurations/{configuration_id}/phone-numbers";
const ONE = `${ALL}/{number_id}`;

/** The numbers of a configuration, `of` being its id. */
export function Numbers({ of, query }) {
  const list = useList(ALL, query, { path: { configuration_id: of } });
  const { value: agents } = useAgents();
  const { act, ask, shown } = useActs(list.reload);
  const options = ({ id }) => ({ path: { configuration_id: of, number_id: id } });
  const remove = (number) =>
    ask({
      title: `Delete ${number.address}?`,
      text: "Calls to it are answered no more.",
      yes: "Delete",
      act: () => api().delete(ONE, options(number)),
    });
  return html`<div class="heading under">
      <h2>Phone numbers</h2>
      <a class="button" href=${at("carrier", of, "numbers", "new")}>New number</a>
    </div>
    ${shown}
    <${Listing} list=${list} query=${query} label="Phone numbers" columns=${["Number", "Label", "Answered by", "Confirmed by the carrier", ""]} empty="There is no number yet."
      row=${(number) => html`<tr key=${number.id}>
        <td class="number"><a href=${at("carrier", of, "numbers", number.id)}>${number.address}</a> ${number.is_default_caller && html`<span class="chip">default caller</span>`}</td>
        <td>${number.label}</td>
        <td>${number.inbound_agent_uuid ? agentName(agents, number.inbound_agent_uuid) : "nobody"}</td>
        <td>${instant(number.verified_at) || "not yet"}</td>
        <td class="acts">
          ${!number.is_default_caller && html`<${Act} label="Make default caller" of=${number.address} scope="telephony:write" onClick=${() => act(() => api().post(`${ONE}/set-default-caller`, options(number)))} />`}
          <${Act} label="Delete" of=${number.address} scope="telephony:write" onClick=${() => remove(number)} />
        </td>
      </tr>`} />`;
}

export const NewNumber = ({ of }) => html`<${Heading} title="New phone number" /><${Fields} of=${of} />`;

export function OneNumber({ of, id }) {
  const loaded = useLoaded((signal) => api().get(ONE, { path: { configuration_id: of, number_id: id }, signal }), [of, id]);
  return html`<${Loading} loaded=${loaded}>${(number) => html`<${Heading} title=${number.address} /><${Fields} of=${of} present=${number} />`}<//>`;
}

/** @param {{ of: string, present?: import("../../types/api.js").Schemas["NumberDocument"] }} properties */
function Fields({ of, present = undefined }) {
  const initial = {
    address: present?.address ?? "",
    label: present?.label ?? "",
    inbound_agent_uuid: present?.inbound_agent_uuid ?? "",
    is_default_caller: present?.is_default_caller ?? false,
  };
  const onSend = async ({ address, label, inbound_agent_uuid: agent, ...rest }, go) => {
    const body = { label: textOf(label), inbound_agent_uuid: textOf(agent), ...rest };
    if (present) await api().put(ONE, { path: { configuration_id: of, number_id: present.id }, body });
    else await api().post(ALL, { path: { configuration_id: of }, body: { address, ...body } });
    go(at("carrier", of));
  };
  return html`<${Editing} initial=${initial} scope="telephony:write" back=${at("carrier", of)} onSend=${onSend} fields=${({ bind }) => html`
    <${Field} label="Number" required maxlength="400" disabled=${Boolean(present)}
      hint=${present ? "A number never changes: delete it, and make another." : "With its country code, such as +1 415 555 0100, or a sip: URI. The carrier is asked whether it is yours."} ...${bind("address")} />
    <${Field} label="Label" maxlength="64" ...${bind("label")} />
    <${AgentField} label="Who answers calls to it" none="nobody" ...${bind("inbound_agent_uuid")} />
    ${!present?.is_default_caller && html`<${Field} label="Calls that name no number show this one" ...${bind("is_default_caller")} />`}`} />`;
}
