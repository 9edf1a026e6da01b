/** Lists of settings: what is read, shown and acted on alike in each of them. */

import { useAction, useLoaded } from "../loading.js";
import { Confirm } from "../parts/dialog.js";
import { Pages, Table } from "../parts/lists.js";
import { Empty, Failure, Loading } from "../parts/states.js";
import { refine, writePlace } from "../router.js";
import { allows, api } from "../session.js";
import { html, useState } from "../../vendor/ui.js";

const A_PAGE = 50;

/** The place of something in the settings. */
export const at = (...path) => writePlace(["settings", ...path]);

/** @typedef {import("../session.js").Me["scopes"][number]} Scope */

/** Read the page of a list that the address names. `options` has the path's places, and what filters it. */
export function useList(path, { cursor = "" }, { path: places = {}, query = {} } = {}) {
  return useLoaded(
    (signal) => api().get(path, { path: places, query: { ...query, limit: A_PAGE, cursor }, signal }),
    [path, cursor, JSON.stringify(places), JSON.stringify(query)],
  );
}

/**
 * A part's title, with the way to make another one of what it lists.
 * @param {{ title: string, add?: string, to?: string, scope?: Scope, children?: unknown }} properties
 */
export function Heading({ title, add = "", to = "", scope = undefined, children = undefined }) {
  return html`<div class="heading">
    <h1>${title}</h1>
    ${children}
    ${scope && (allows(scope) ? html`<a class="button" href=${to}>${add}</a>` : html`<button type="button" disabled title=${lacks(scope)}>${add}</button>`)}
  </div>`;
}

/**
 * Acts on a list: at once, or after a question; what it acted on is read again. `shown` is the question, or why it failed.
 * @param {() => void} reload
 */
export function useActs(reload) {
  const [asked, setAsked] = useState(/** @type {Question | null} */ (null));
  const { isBusy, error, run } = useAction();
  const act = async (what) => {
    if (await run(what)) reload();
    setAsked(null);
  };
  const shown = html`<${Failure} error=${error} />
    ${asked && html`<${Confirm} title=${asked.title} yes=${asked.yes} isBusy=${isBusy} onYes=${() => act(asked.act)} onClose=${() => setAsked(null)}>
      <p>${asked.text}</p>
    <//>`}`;
  return { act, ask: setAsked, shown, isBusy };
}

/** @typedef {{ title: string, text: unknown, yes: string, act: (go: import("../loading.js").Go) => Promise<unknown> }} Question */

/** A button of a row; `of` says to those who do not see the row what it acts on. */
export const Act = ({ label, of, scope, onClick, disabled = false }) =>
  html`<button type="button" aria-label=${`${label}: ${of}`} disabled=${disabled || !allows(scope)} title=${allows(scope) ? undefined : lacks(scope)} onClick=${onClick}>
    ${label}
  </button>`;

/**
 * A list with its pages.
 * @param {object} properties
 * @param {import("../loading.js").Loaded<any>} properties.list
 * @param {{ cursor?: string }} properties.query
 * @param {string} properties.label
 * @param {string[]} properties.columns
 * @param {string} properties.empty what to say where there is none
 * @param {(item: any) => unknown} properties.row
 */
export function Listing({ list, query: { cursor = "" }, label, columns, empty, row }) {
  return html`<${Loading} loaded=${list}>${({ items, next_cursor: next }) => html`
    ${items.length ? html`<${Table} label=${label} columns=${columns}>${items.map(row)}<//>` : html`<${Empty}>${cursor ? "There are no more." : empty}<//>`}
    <${Pages} cursor=${cursor} next=${next} onGo=${(to) => refine({ cursor: to }, { replace: false })} />`}<//>`;
}

const lacks = (scope) => `Your API key lacks the scope ${scope}.`;
