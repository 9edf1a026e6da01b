/** Who is signed in: the API key, which lives in this tab or in memory alone, and what it may do. */

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

/**
 * Sign in with a key; raises ApiError where it is none.
 * @param {string} key
 * @param {{ keep: boolean }} options whether the tab keeps it, so that it outlives a reload
 */
export async function signIn(key, { keep }) {
  const mine = new Api(key);
  const me = await mine.get("/api/v1/user/me");
  if (keep) sessionStorage.setItem(KEPT_KEY, key);
  else sessionStorage.removeItem(KEPT_KEY);
  signedIn.value = { api: mine, me };
}

/** Sign in with what the tab has kept; return whether there was something. */
export async function signInAgain() {
  const key = sessionStorage.getItem(KEPT_KEY);
  if (key) await signIn(key, { keep: true });
  return Boolean(key);
}

/** Sign in with a one-time code of `offhook open`. */
export async function signInWithCode(code) {
  const { api_key: key } = await new Api("").post("/api/v1/user/sign-ins", { body: { code } });
  await signIn(key, { keep: true });
}

/** Forget the key, and all that was read with it: the page begins anew. */
export function signOut() {
  sessionStorage.removeItem(KEPT_KEY);
  location.hash = "";
  location.reload();
}
