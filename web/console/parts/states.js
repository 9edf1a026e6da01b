/** What stands where a page's content would: it loads, it failed, there is nothing, or the key may not. */

import { allows } from "../session.js";
import { html } from "../../vendor/ui.js";

/** Why something did not work, in the API's own words. */
export function Failure({ error, again = undefined }) {
  if (!error) return null;
  return html`<div class="failure" role="alert">
    <p>${error.message}</p>
    <${Faults} error=${error} />
    ${again && html`<button type="button" onClick=${again}>Try again</button>`}
  </div>`;
}

/** The faults of single fields, where the answer names some. */
function Faults({ error }) {
  const faults = error.problem?.errors ?? [];
  if (!faults.length) return null;
  return html`<ul>
    ${faults.map(({ loc = [], field, msg, message }) => html`<li>${[...loc.slice(1), field].filter(Boolean).join(" › ")} ${msg ?? message}</li>`)}
  </ul>`;
}

/**
 * Show what was loaded, or why it is not there yet; what was there before stays while it is loaded again.
 * @param {{ loaded: import("../loading.js").Loaded<any>, children: (value: any) => unknown }} properties
 */
export function Loading({ loaded: { value, error, isLoading, reload }, children }) {
  const failed = error && html`<${Failure} error=${error} again=${reload} />`;
  if (value === undefined) return failed ?? html`<p class="state" role="status">Loading …</p>`;
  return html`<div aria-busy=${isLoading}>${failed}${children(value)}</div>`;
}

/** Says that there is nothing, and what to do about it. */
export const Empty = ({ children }) => html`<p class="state">${children}</p>`;

/**
 * Shows its children to keys with a scope, and to others that theirs lacks it; without a scope, to all.
 * @param {{ scope?: import("../session.js").Me["scopes"][number], children: any }} properties
 */
export function Needs({ scope, children }) {
  return !scope || allows(scope) ? children : html`<${Lacking} scope=${scope} />`;
}

/** Says that the key lacks a scope. */
export const Lacking = ({ scope }) => html`<p class="state" role="status">
  Your API key may not do this: it lacks the scope <code>${scope}</code>. Sign in with a key that has it.
</p>`;
