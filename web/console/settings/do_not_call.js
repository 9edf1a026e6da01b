/** Whom nobody calls: looked up, added, taken off, imported and exported. */

import { Act, Heading, Listing, at, useActs, useList } from "./listing.js";
import { textOf } from "./values.js";
import { useAction, useLoaded } from "../loading.js";
import { Field, Form } from "../parts/fields.js";
import { Editing } from "../parts/form.js";
import { Table } from "../parts/lists.js";
import { Failure, Loading } from "../parts/states.js";
import { instant } from "../parts/words.js";
import { refine, writePlace } from "../router.js";
import { api } from "../session.js";
import { html, useState } from "../../vendor/ui.js";

const ALL = "/api/v1/organization/do-not-call";
const ONE = `${ALL}/{phone_number}`;

export function DoNotCall({ path: [to], query }) {
  if (to === "new") return html`<${Add} />`;
  return to === "import" ? html`<${Import} />` : html`<${Entries} query=${query} />`;
}

function Entries({ query }) {
  return html`<${Heading} title="Do not call" add="Add a number" to=${at("do-not-call", "new")} scope="organization:write">
      <a class="button" href=${at("do-not-call", "import")}>Import</a>
      <${Export} />
    <//>
    <${LookUp} key=${query.number} number=${query.number ?? ""} />
    ${query.number ? html`<${Found} number=${query.number} />` : html`<${Everybody} query=${query} />`}`;
}

function LookUp({ number }) {
  const [given, setGiven] = useState(number);
  const find = (wanted) => refine({ number: wanted.trim(), cursor: null }, { replace: false });
  return html`<${Form} class="row" send="Look up" onSend=${() => find(given)} beside=${number && html`<button type="button" onClick=${() => find("")}>Show everybody</button>`}>
    <${Field} label="A number, with its country code" type="search" value=${given} onValue=${setGiven} />
  <//>`;
}

function Everybody({ query }) {
  const list = useList(ALL, query);
  return html`<${Shown} list=${list} query=${query} empty="Nobody is on the list." />`;
}

function Found({ number }) {
  const found = useLoaded(async (signal) => {
    try {
      return { items: [await api().get(ONE, { path: { phone_number: number }, signal })], next_cursor: null };
    } catch (error) {
      if (error.status !== 404) throw error;
      return { items: [], next_cursor: null };
    }
  }, [number]);
  return html`<${Shown} list=${found} query=${{}} empty=${`${number} is not on the list.`} />`;
}

function Shown({ list, query, empty }) {
  const { ask, shown } = useActs(list.reload);
  const remove = ({ phone_number: number, reason, added_at: at_ }) =>
    ask({
      title: `Take ${number} off the list?`,
      text: html`It may be called again. It stands there since ${instant(at_)}${reason ? html`: “${reason}”` : ", without a reason."}`,
      yes: "Take it off",
      act: () => api().delete(ONE, { path: { phone_number: number } }),
    });
  return html`${shown}
    <${Listing} list=${list} query=${query} label="Whom nobody calls" columns=${["Number", "Reason", "Since", "By", ""]} empty=${empty}
      row=${(entry) => html`<tr key=${entry.phone_number}>
        <td class="number">${entry.phone_number}</td>
        <td class="long">${entry.reason}</td>
        <td>${instant(entry.added_at)}</td>
        <td>${by(entry)}</td>
        <td class="acts"><${Act} label="Take off" of=${entry.phone_number} scope="organization:write" onClick=${() => remove(entry)} /></td>
      </tr>`} />`;
}

function by({ source, workflow_run_id: run }) {
  if (run) return html`the caller, in <a href=${writePlace(["runs", run])}>run ${run}</a>`;
  return source === "import" ? "an import" : "somebody with a key";
}

function Add() {
  const onSend = async ({ phone_number: number, reason }, go) => {
    const { phone_number: added } = await api().post(ALL, { body: { phone_number: number, reason: textOf(reason) } });
    go(at("do-not-call") + `?number=${encodeURIComponent(added)}`);
  };
  return html`<${Heading} title="A number that nobody calls" />
    <${Editing} initial=${{ phone_number: "", reason: "" }} scope="organization:write" send="Add it" back=${at("do-not-call")} onSend=${onSend} fields=${({ bind }) => html`
      <${Field} label="Number" type="text" inputmode="tel" required maxlength="256" hint="With its country code, such as +1 415 555 0100, or a sip: URI." ...${bind("phone_number")} />
      <${Field} label="Why" maxlength="200" hint="Whoever finds the number here reads it." ...${bind("reason")} />`} />`;
}

function Import() {
  const [reply, setReply] = useState(/** @type {import("../../types/api.js").Schemas["ImportReply"] | null} */ (null));
  // A file goes as it is: the API reads other encodings too.
  const onSend = async ({ file, text }) => {
    setReply(null);
    setReply(await api().post(`${ALL}/import`, { body: file ?? text, mediaType: "text/csv" }));
  };
  return html`<${Heading} title="Import numbers that nobody calls" />
    ${reply && html`<${Imported} reply=${reply} />`}
    <${Editing} initial=${{ file: null, text: "" }} scope="organization:write" send="Import" back=${at("do-not-call")} onSend=${onSend} fields=${({ bind, values: { file }, change }) => html`
      <${Field} label="A file" type="file" accept=".csv,.txt,text/*" onChange=${({ currentTarget }) => change({ file: currentTarget.files[0] ?? null })} />
      <${Field} label="Or numbers, one a line" as="textarea" rows="10" required=${!file} disabled=${file !== null}
        hint="CSV, up to 10,000 rows. The first row may name the columns phone_number and reason; else numbers come first. Each has its country code." ...${bind("text")} />`} />`;
}

function Imported({ reply: { added, known, faults, faults_left_out: more } }) {
  return html`<div class="card" role="status">
    <p>${added} added, ${known} known before${faults.length ? `, ${faults.length + more} rows without a number` : ""}.</p>
    ${faults.length > 0 && html`<${Table} label="Rows without a number" columns=${["Row", "Why"]}>
      ${faults.map(({ row, reason }) => html`<tr key=${row}><td class="number">${row}</td><td class="long">${reason}</td></tr>`)}
    <//>`}
    ${more > 0 && html`<p class="hint">and ${more} more.</p>`}
  </div>`;
}

/** Fetches the whole list, part after part, and gives it to the browser as a file. */
function Export() {
  const { isBusy, error, run } = useAction();
  return html`<button type="button" disabled=${isBusy} onClick=${() => run(async () => save("do-not-call.csv", await wholeList()))}>Export</button>
    <${Failure} error=${error} />`;
}

async function wholeList() {
  const parts = [];
  for (let cursor = ""; ; ) {
    const response = await api().response(`${ALL}/export`, { query: { cursor } });
    // As bytes: the mark that tells spreadsheets of its encoding stays.
    parts.push(await response.blob());
    const next = /[?&]cursor=([^&>]+)/.exec(response.headers.get("Link") ?? "");
    if (!next) return parts;
    cursor = decodeURIComponent(next[1]);
  }
}

function save(name, parts) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type: "text/csv" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
