/** The one-time codes of `offhook open`: taken out of the address at once, and never the end of another sign-in unasked. */

import { Dialog } from "./parts/dialog.js";
import { Failure } from "./parts/states.js";
import { place, readPlace, writePlace } from "./router.js";
import { changeTo, enter, identifyByCode, signedIn } from "./session.js";
import { html, signal } from "../vendor/ui.js";

/** Whom a code would sign in, or why it signs nobody in, while somebody else is signed in. */
/** @type {import("../vendor/ui.js").Signal<{ found?: import("./session.js").Found, error?: Error } | null>} */
const offered = signal(null);

/** Take the code out of the address, where one stands there: the page before stands there instead. */
export function takeCode() {
  const { path: [first], query: { code = "" } } = readPlace(location.hash);
  if (first !== "sign-in" || !code) return "";
  const isBegin = place.value.path[0] === "sign-in";
  const { path, query } = isBegin ? { path: [], query: {} } : place.value;
  history.replaceState(null, "", writePlace(path, query));
  place.value = { path, query };
  return code;
}

/** Sign in by a code; who is signed in already is asked. Raises ApiError where nobody is, and the code is not good. */
export async function enterWith(code) {
  if (signedIn.value === null) {
    enter(await identifyByCode(code), { keep: true });
    return;
  }
  try {
    const found = await identifyByCode(code);
    if (found.me.key_id !== signedIn.value?.me.key_id) offered.value = { found };
  } catch (error) {
    offered.value = { error };
  }
}

/** Take codes that come while the console is open; it is to be called before the address is followed. */
export function follow() {
  const look = () => {
    const code = takeCode();
    if (code) enterWith(code).catch((error) => (offered.value = { error }));
  };
  addEventListener("popstate", look);
  addEventListener("hashchange", look);
}

/** Asks whoever is signed in whether somebody else shall be. */
export function CodeOffered() {
  if (!offered.value) return null;
  const { found, error } = offered.value;
  const close = () => {
    offered.value = null;
  };
  const mine = signedIn.value?.me;
  return html`<${Dialog} title=${found ? "Sign in as somebody else?" : "The link signs nobody in"} onClose=${close}>
    ${found && html`<p>The link that you have followed signs you in to <b>${found.me.organization_id}</b>, with the key ${found.me.name}.
      Was it not you who asked for it, stay: what you enter there belongs to them.</p>`}
    ${mine && html`<p>You are signed in to <b>${mine.organization_id}</b>, with the key ${mine.name}.</p>`}
    <${Failure} error=${error} />
    <div class="row">
      <button type="button" autofocus onClick=${close}>${mine ? "Stay signed in" : "Close"}</button>
      ${found && html`<button type="button" class="danger" onClick=${() => changeTo(found)}>Sign in to ${found.me.organization_id}</button>`}
    </div>
  <//>`;
}
