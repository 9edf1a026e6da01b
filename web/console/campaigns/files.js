/** Files of contacts: one is dropped in or chosen, sent, and read; what was read of each, and which rows are no contacts. */

import { refusalOf, sendFile } from "./uploading.js";
import { useAction, useFollowed, useLoaded } from "../loading.js";
import { Field } from "../parts/fields.js";
import { useQuestion } from "../parts/form.js";
import { Pages, Table } from "../parts/lists.js";
import { Failure, Loading } from "../parts/states.js";
import { instant } from "../parts/words.js";
import { refine } from "../router.js";
import { allows, api } from "../session.js";
import { html, useEffect, useRef, useState } from "../../vendor/ui.js";

const FOLLOWED_EVERY_MS = 1000;
const ONE = "/api/v1/campaigns/{campaign_id}";
const COLUMNS = ["File", "Status", "Rows", "Contacts", "Faults", "Duplicates", "Sent", ""];
const NUMBERS = ["File", "Rows", "Contacts", "Faults", "Duplicates"];
const OVER = ["completed", "canceled"];

/** @param {{ campaign: any, query: Record<string, string>, onSent: () => void }} properties `onSent`: another file is to be read */
export function Files({ campaign, query: { file = "", faults = "", imports: cursor = "" }, onSent }) {
  const path = { campaign_id: campaign.id };
  const loaded = useFollowed(
    (signal) => api().get(`${ONE}/imports`, { path, query: { cursor, limit: 10 }, signal }),
    [campaign.id, cursor],
    // The one that is read may stand on another page.
    (page) => (campaign.importing !== null || isAnyRead(page) ? FOLLOWED_EVERY_MS : 0),
  );
  function onBegun({ number }) {
    refine({ file: number, faults: "", imports: "" });
    loaded.reload();
    onSent();
  }
  return html`<section class="card" aria-labelledby="files">
    <h2 id="files">Files</h2>
    ${allows("campaigns:write") && !OVER.includes(campaign.status) && html`<${Sender} path=${path} onBegun=${onBegun} />`}
    <${Loading} loaded=${loaded}>
      ${({ items, next_cursor: next }) => html`
        ${items.length > 0 && html`<${Imports} imports=${items} shown=${Number(file)} />`}
        <${Pages} cursor=${cursor} next=${next} onGo=${(to) => refine({ imports: to }, { replace: false })} />
        ${file && html`<${Faults} path=${path} number=${file} cursor=${faults} round=${roundOf(items, file)} />`}`}
    <//>
  </section>`;
}

const isAnyRead = (page) => page?.items.some(({ status }) => status === "reading") ?? false;

// Faults are listed as they are found.
function roundOf(items, file) {
  const found = items.find(({ number }) => String(number) === file);
  return found ? `${found.status} ${found.faults + found.duplicates}` : "";
}

/** Takes a file and sends it; one at a time. */
function Sender({ path, onBegun }) {
  const [isOver, setOver] = useState(false);
  const [sent, setSent] = useState(/** @type {{ name: string, share: number } | null} */ (null));
  const [columns, setColumns] = useState({ number_column: "", zone_column: "" });
  const stop = useRef(new AbortController());
  const { error, run } = useAction();
  const send = (/** @type {File | undefined} */ file) => file && run(async () => {
    const refusal = refusalOf(file);
    if (refusal) throw new Error(refusal);
    stop.current = new AbortController();
    setSent({ name: file.name, share: 0 });
    try {
      const { signal } = stop.current;
      const upload = await api().post(`${ONE}/uploads`, { path, body: { size_bytes: file.size }, signal });
      await sendFile(upload, file, { onSent: (share) => setSent({ name: file.name, share }), signal });
      const given = Object.fromEntries(Object.entries(columns).filter(([, name]) => name.trim()));
      const begun = await api().post(`${ONE}/imports`, { path, body: { upload_id: upload.upload_id, ...given }, signal });
      // Who has left is elsewhere: it is read all the same.
      if (!signal.aborted) onBegun(begun);
    } catch (failure) {
      if (failure.name !== "AbortError") throw failure;
    } finally {
      setSent(null);
    }
  });
  useEffect(() => () => stop.current.abort(), []);
  useQuestion(sent !== null, "The file is still being sent. Leave, and stop it?");
  const onDrop = (event) => {
    event.preventDefault();
    setOver(false);
    send(event.dataTransfer?.files[0]);
  };
  const onDragOver = (event) => {
    event.preventDefault();
    setOver(true);
  };
  const onChange = ({ currentTarget }) => {
    send(currentTarget.files[0]);
    // So that the same file, mended, can be chosen again.
    currentTarget.value = "";
  };
  if (sent) {
    return html`<div class="drop" role="status">
      <p>Sending ${sent.name} …</p>
      <progress max="1" value=${sent.share} aria-label="Sent so far"></progress>
      <button type="button" onClick=${() => stop.current.abort()}>Stop</button>
    </div>`;
  }
  return html`<div class=${isOver ? "drop over" : "drop"} onDragOver=${onDragOver} onDragLeave=${() => setOver(false)} onDrop=${onDrop}>
      <label>Drop a CSV file here, or choose one
        <input type="file" accept=".csv,.tsv,.txt,text/csv" onChange=${onChange} />
      </label>
      <p class="hint">The first row names the columns: one is <code>phone_number</code>, another may be <code>time_zone</code>, all others are told to the agent.
        A million rows at most. A row that can't be used is left out, and listed here with why.</p>
      <details>
        <summary>The columns have other names</summary>
        <${Field} label="Column of the numbers" value=${columns.number_column} maxlength="100"
          onValue=${(number_column) => setColumns({ ...columns, number_column })} />
        <${Field} label="Column of the time zones" value=${columns.zone_column} maxlength="100"
          onValue=${(zone_column) => setColumns({ ...columns, zone_column })} />
      </details>
    </div>
    <${Failure} error=${error} />`;
}

function Imports({ imports, shown }) {
  return html`<${Table} label="Files that were read" columns=${COLUMNS} numbers=${NUMBERS}>
    ${imports.map(({ number, status, rows, contacts, faults, duplicates, failure, created_at }) => {
      const isShown = number === shown;
      const count = faults + duplicates;
      return html`<tr key=${number}>
        <td class="number">${number}</td>
        <td>${status}${failure && html`<p class="fault">${failure}</p>`}</td>
        <td class="number">${rows}</td>
        <td class="number">${contacts}</td>
        <td class="number">${faults}</td>
        <td class="number">${duplicates}</td>
        <td>${instant(created_at)}</td>
        <td>${count > 0 && html`<button type="button" class="small" aria-expanded=${isShown}
          onClick=${() => refine({ file: isShown ? "" : number, faults: "" })}>${isShown ? "Hide" : "Show"} what was left out</button>`}</td>
      </tr>`;
    })}
  <//>`;
}

function Faults({ path, number, cursor, round }) {
  const loaded = useLoaded(
    (signal) => api().get(`${ONE}/imports/{import_number}/faults`, { path: { ...path, import_number: number }, query: { cursor }, signal }),
    [number, cursor, round],
  );
  return html`<${Loading} loaded=${loaded}>
    ${({ items, next_cursor: next }) =>
      items.length > 0 && html`
        <h3>Rows of file ${number} that are no contacts</h3>
        <${Table} label="Faults by row" columns=${["Row", "Why"]} numbers=${["Row"]}>
          ${items.map(({ row, reason }) => html`<tr key=${row}><td class="number">${row}</td><td>${reason}</td></tr>`)}
        <//>
        <${Pages} cursor=${cursor} next=${next} onGo=${(to) => refine({ faults: to }, { replace: false })} />`}
  <//>`;
}
