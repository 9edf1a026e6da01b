/** Texts that agents can look things up in. */

import { Act, Heading, Listing, at, useActs, useList } from "./listing.js";
import { Field } from "../parts/fields.js";
import { Editing } from "../parts/form.js";
import { Loading } from "../parts/states.js";
import { instant } from "../parts/words.js";
import { useLoaded } from "../loading.js";
import { api } from "../session.js";
import { html, useState } from "../../vendor/ui.js";

const ONE = "/api/v1/knowledge-documents/{document_uuid}";
const MOST_CHARACTERS = 400_000;
// A character has four bytes at most.
const MOST_BYTES = 4 * MOST_CHARACTERS;

export function Knowledge({ path: [id], query }) {
  if (id === "new") return html`<${Heading} title="New document" /><${Fields} />`;
  return id ? html`<${One} id=${id} />` : html`<${All} query=${query} />`;
}

function All({ query }) {
  const list = useList("/api/v1/knowledge-documents", query);
  const { ask, shown } = useActs(list.reload);
  const remove = ({ uuid, name }) =>
    ask({
      title: `Delete the document ${name}?`,
      text: "Agents that name it find nothing in it any more.",
      yes: "Delete",
      act: () => api().delete(ONE, { path: { document_uuid: uuid } }),
    });
  return html`<${Heading} title="Knowledge" add="New document" to=${at("knowledge", "new")} scope="organization:write" />
    ${shown}
    <${Listing} list=${list} query=${query} label="Documents" columns=${["Name", "Characters", "Changed", ""]}
      empty="There is no document: what stands in one, agents can look up while they talk."
      row=${(document) => html`<tr key=${document.uuid}>
        <td><a href=${at("knowledge", document.uuid)}>${document.name}</a></td>
        <td class="number">${document.characters.toLocaleString()}</td>
        <td>${instant(document.updated_at)}</td>
        <td class="acts"><${Act} label="Delete" of=${document.name} scope="organization:write" onClick=${() => remove(document)} /></td>
      </tr>`} />`;
}

function One({ id }) {
  const loaded = useLoaded((signal) => api().get(ONE, { path: { document_uuid: id }, signal }), [id]);
  return html`<${Loading} loaded=${loaded}>${(document) => html`<${Heading} title=${document.name} /><${Fields} present=${document} />`}<//>`;
}

/** @param {{ present?: { uuid: string, name: string, text: string } }} properties */
function Fields({ present = undefined }) {
  const [fileFault, setFileFault] = useState("");
  const take = async (file, change) => {
    // Whoever chooses none keeps what they have written.
    if (!file) return;
    const isTooLong = file.size > MOST_BYTES;
    setFileFault(isTooLong ? `${file.name} is too long: a document has ${MOST_CHARACTERS.toLocaleString()} characters at most.` : "");
    if (!isTooLong) change({ text: await file.text() });
  };
  const onSend = async ({ name, text }, go) => {
    if (present) await api().put(ONE, { path: { document_uuid: present.uuid }, body: { name, text } });
    else await api().post("/api/v1/knowledge-documents", { body: { name, text } });
    go(at("knowledge"));
  };
  return html`<${Editing} initial=${{ name: "", text: "", ...present }} scope="organization:write" back=${at("knowledge")} onSend=${onSend} fields=${({ bind, change }) => html`
    <${Field} label="Name" required maxlength="200" hint="What it is about; models read it too." ...${bind("name")} />
    <${Field} label="Text" as="textarea" rows="18" required maxlength=${MOST_CHARACTERS}
      hint="Plain text or Markdown. Lines that begin with # are headings: each passage keeps its own." ...${bind("text")} />
    <${Field} label="Or the text of a file" type="file" accept=".txt,.md,text/*" fault=${fileFault} onChange=${({ currentTarget }) => take(currentTarget.files[0], change)} />`} />`;
}
