/** Tables and their pages. */

import { html, useLayoutEffect, useRef } from "../../vendor/ui.js";

/**
 * A table; where the screen is narrow, its rows are blocks in which each cell stands beside the name of its column.
 * @param {{ label: string, columns: string[], numbers?: string[], children: unknown }} properties `label` names it for who
 *   does not see it, an empty column holds actions, `numbers` are the columns whose cells are of the class `number`
 */
export function Table({ label, columns, numbers = [], children }) {
  const table = useRef(/** @type {HTMLTableElement | null} */ (null));
  useLayoutEffect(() => mark(/** @type {HTMLTableElement} */ (table.current), columns));
  return html`<div class="table" role="region" aria-label=${label} tabindex="0">
    <table ref=${table} role="table">
      <thead role="rowgroup"><tr role="row">${columns.map((name) => html`<th scope="col" role="columnheader" class=${numbers.includes(name) ? "number" : undefined}>${name || html`<span class="for-readers">Actions</span>`}</th>`)}</tr></thead>
      <tbody role="rowgroup">${children}</tbody>
    </table>
  </div>`;
}

/** Say of each cell what it is: a browser that draws cells as blocks knows it no more, and a style can show its column's name. */
function mark(table, columns) {
  for (const row of table.tBodies[0].rows) {
    row.setAttribute("role", "row");
    [...row.cells].forEach((cell, index) => {
      cell.setAttribute("role", cell.tagName === "TH" ? "rowheader" : "cell");
      cell.dataset.column = columns[index] ?? "";
    });
  }
}

/**
 * The way through pages by cursor: the address holds the cursor, and the browser's own step back is the page before.
 * @param {{ cursor: string, next: string | null, onGo: (cursor: string) => void }} properties
 */
export function Pages({ cursor, next, onGo }) {
  if (!cursor && !next) return null;
  return html`<nav class="row" aria-label="Pages">
    <button type="button" disabled=${!cursor} onClick=${() => onGo("")}>First page</button>
    <button type="button" disabled=${!next} onClick=${() => onGo(next ?? "")}>Next page</button>
  </nav>`;
}
