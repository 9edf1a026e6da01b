/** Files of contacts: one is dropped in or chosen, sent, and read; what was read of each, and which rows are no contacts. */

import { HEAD_BYTES, headingOf } from "./heading.js";
import { Preview } from "./preview.js";
import { refusalOf, sendFile } from "./uploading.js";
import { useAction, useFollowed, useLoaded } from "../loading.js";
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

/** Takes a file, shows what it is taken as, and sends it; one at a time. */
function Sender({ path, onBegun }) {
  const [isOver, setOver] = useState(false);
  const [sent, setSent] = useState(/** @type {{ name: string, share: number } | null} */ (null));
  const [taken, setTaken] = useState(/** @type {{ file: File, heading: import("./heading.js").Heading } | null} */ (null));
  const stop = useRef(new AbortController());
  const { error, run } = useAction();
  const take = (/** @type {FileList | null | undefined} */ files) => files?.length && run(async () => {
    const [file, ...others] = files;
    const refusal = others.length ? "Take one file after the other." : refusalOf(file);
    if (refusal) throw new Error(refusal);
    setTaken({ file, heading: headingOf(await headOf(file)) });
  });
  const send = (columns) => taken && run(async () => {
    const { file } = taken;
    stop.current = new AbortController();
    setSent({ name: file.name, share: 0 });
    try {
      const { signal } = stop.current;
      const upload = await api().post(`${ONE}/uploads`, { path, body: { size_bytes: file.size }, signal });
      await sendFile(upload, file, { onSent: (share) => setSent({ name: file.name, share }), signal });
      const begun = await api().post(`${ONE}/imports`, { path, body: { upload_id: upload.upload_id, ...columns }, signal });
      // Who has left is elsewhere: it is read all the same.
      if (signal.aborted) return;
      setTaken(null);
      onBegun(begun);
    } catch (failure) {
      if (failure.name !== "AbortError") throw failure;
    } finally {
      setSent(null);
    }
  });
  useEffect(() => () => stop.current.abort(), []);
  useEffect(() => keepFromOpening(), []);
  useQuestion(sent !== null, "The file is still being sent. Leave, and stop it?");
  const onDrop = (event) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer?.files);
  };
  const onDragOver = (event) => {
    event.preventDefault();
    setOver(true);
  };
  const onChange = ({ currentTarget }) => {
    take(currentTarget.files);
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
  if (taken) {
    return html`<${Preview} file=${taken.file} heading=${taken.heading} onSend=${send} onClose=${() => setTaken(null)} />
      <${Failure} error=${error} />`;
  }
  return html`<div class=${isOver ? "drop over" : "drop"} onDragOver=${onDragOver} onDragLeave=${() => setOver(false)} onDrop=${onDrop}>
      <label>Drop a CSV file here, or choose one
        <input type="file" accept=".csv,.tsv,.txt,text/csv" onChange=${onChange} />
      </label>
      <p class="hint">The first row names the columns: one is <code>phone_number</code>, another may be <code>time_zone</code>, all others are told to the agent.
        You see what it is taken as before it is sent. A million rows at most; a row that can't be used is left out, and listed here with why.</p>
    </div>
    <${Failure} error=${error} />`;
}

/** Have a file that is dropped beside its place not open in the place of the console; return what ends that. */
function keepFromOpening() {
  const keep = (event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  };
  addEventListener("dragover", keep);
  addEventListener("drop", keep);
  return () => {
    removeEventListener("dragover", keep);
    removeEventListener("drop", keep);
  };
}

/** Read the beginning of a file; raise an error with a sentence where it can't be read any more. */
async function headOf(file) {
  try {
    return new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  } catch {
    throw new Error(`${file.name} can't be read: it was moved, or changed, since you took it.`);
  }
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
