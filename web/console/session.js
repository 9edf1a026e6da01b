/** Who is signed in: the API key, which lives in this tab or in memory alone, and what it may do. */

import { mayLeave } from "./router.js";
import { Api } from "../api.js";
import { signal } from "../vendor/ui.js";

// The call's page reads the same one.
const KEPT_KEY = "offhook.key";

/** @typedef {import("../types/api.js").Reply<"get", "/api/v1/user/me">} Me */

/** @type {import("../vendor/ui.js").Signal<{ api: Api, me: Me } | null>} */
export const signedIn = signal(null);

/** The API with the key that is signed in; pages are shown to nobody else. */
export function api() {
  if (signedIn.value === null) throw new Error("Nobody is signed in.");
  return signedIn.value.api;
}

/**
 * Say whether the key may do what needs a scope.
 * @param {Me["scopes"][number]} scope
 */
export const allows = (scope) => signedIn.value?.me.scopes.includes(scope) ?? false;

/** @typedef {{ key: string, api: Api, me: Me }} Found a key, and whose it is */

/**
 * Ask whose a key is; raises ApiError where it is none.
 * @param {string} key
 * @returns {Promise<Found>}
 */
export async function identify(key) {
  const mine = new Api(key);
  return { key, api: mine, me: await mine.get("/api/v1/user/me") };
}

/** Ask whose key a one-time code of `offhook open` stands for; the code is used up by that. */
export async function identifyByCode(code) {
  return identify((await new Api("").post("/api/v1/user/sign-ins", { body: { code } })).api_key);
}

/**
 * Be signed in with a key.
 * @param {Found} found
 * @param {{ keep: boolean }} options whether the tab keeps it, so that it outlives a reload
 */
export function enter({ key, api: mine, me }, { keep }) {
  if (keep) sessionStorage.setItem(KEPT_KEY, key);
  else sessionStorage.removeItem(KEPT_KEY);
  signedIn.value = { api: mine, me };
}

/** Sign in with what the tab has kept, where it has kept something; raises ApiError where that is refused. */
export async function signInAgain() {
  const key = sessionStorage.getItem(KEPT_KEY);
  if (key) enter(await identify(key), { keep: true });
}

/** Be somebody else from now on. */
export function changeTo({ key }) {
  beginAnew(() => sessionStorage.setItem(KEPT_KEY, key));
}

/** Forget the key. */
export function signOut() {
  beginAnew(() => sessionStorage.removeItem(KEPT_KEY));
}

/** Forget all that was read with the key: the page begins anew, unless work is to be saved before. */
function beginAnew(change) {
  if (!mayLeave()) return;
  change();
  history.replaceState(null, "", "#/");
  location.reload();
}
