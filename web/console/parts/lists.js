/** Tables and their pages. */

import { html } from "../../vendor/ui.js";

/**
 * A table, which scrolls by itself where the screen is narrower.
 * @param {{ label: string, columns: string[], numbers?: string[], children: unknown }} properties `label` names it for who
 *   does not see it, an empty column holds actions, `numbers` are the columns whose cells are of the class `number`
 */
export function Table({ label, columns, numbers = [], children }) {
  return html`<div class="table" role="region" aria-label=${label} tabindex="0">
    <table>
      <thead><tr>${columns.map((name) => html`<th scope="col" class=${numbers.includes(name) ? "number" : undefined}>${name || html`<span class="for-readers">Actions</span>`}</th>`)}</tr></thead>
      <tbody>${children}</tbody>
    </table>
  </div>`;
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
