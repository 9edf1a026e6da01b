/** What a file of contacts is taken as, before it is sent: its columns, with the first rows of each. */

import { useOf } from "./heading.js";
import { Field, Form } from "../parts/fields.js";
import { Table } from "../parts/lists.js";
import { html, useEffect, useRef, useState } from "../../vendor/ui.js";

/**
 * @param {object} properties
 * @param {File} properties.file
 * @param {import("./heading.js").Heading} properties.heading
 * @param {(columns: { number_column?: string, zone_column?: string }) => void} properties.onSend gets the columns that are
 *   others than the importer would take
 * @param {() => void} properties.onClose
 */
export function Preview({ file, heading, onSend, onClose }) {
  const [number, setNumber] = useState(heading.number);
  const [zone, setZone] = useState(heading.zone);
  const place = useRef(/** @type {HTMLDivElement | null} */ (null));
  useEffect(() => place.current?.focus(), []);
  const { columns, rows, fault } = heading;
  const send = () =>
    onSend({
      ...(number !== heading.number && { number_column: columns[number] }),
      ...(zone !== heading.zone && { zone_column: columns[zone] }),
    });
  const leave = html`<button type="button" onClick=${onClose}>Take another file</button>`;
  const named = columns.map((name, index) => ({ name, index })).filter(({ name }) => name);
  const choose = (value, none) => html`<option value=${none ? "-1" : ""} disabled=${!none}>${none || "choose"}</option>
    ${named.map(({ name, index }) => html`<option key=${index} value=${index} selected=${index === value}>${name}</option>`)}`;
  return html`<div class="drop" ref=${place} tabindex="-1" role="group" aria-label=${`What ${file.name} is taken as`}>
    <h3>${file.name}</h3>
    ${fault
      ? html`<p class="failure" role="alert">${fault}</p>${leave}`
      : html`<${Form} send="Send it" beside=${leave} onSend=${send}>
        <div class="columns">
          <${Field} label="The numbers stand in" as="select" required value=${number < 0 ? "" : number} fault=${number < 0 ? "No column is called phone_number, or alike." : ""}
            onValue=${(index) => setNumber(Number(index))}>${choose(number, "")}<//>
          <${Field} label="The time zones stand in" as="select" value=${zone} onValue=${(index) => setZone(Number(index))}>
            ${choose(zone, heading.zone < 0 ? "no column: the numbers tell" : "")}
          <//>
        </div>
        <${Table} label="Columns of the file" columns=${["Column", "Is", ...rows.map((_, index) => `Row ${index + 1}`)]}>
          ${columns.map((name, index) => html`<tr key=${index}>
            <td>${name}</td>
            <td>${useOf(name, index, { number, zone })}</td>
            ${rows.map((row) => html`<td class="context">${row[index]}</td>`)}
          </tr>`)}
        <//>
        ${rows.length === 0 && html`<p class="hint">No row stands below the names of the columns.</p>`}
      <//>`}
  </div>`;
}
