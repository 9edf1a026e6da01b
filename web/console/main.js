/** Starts the console: signs in with what is there, then shows the page of the address. */

import { App } from "./app.js";
import { followAddress, go, place } from "./router.js";
import { signInAgain, signInWithCode } from "./session.js";
import { html, render } from "../vendor/ui.js";

async function begin() {
  const { path: [first], query: { code } } = place.value;
  if (first !== "sign-in" || !code) {
    await signInAgain();
    return;
  }
  // At once: a code that was used should stand neither in the address nor in the history.
  go("#/", { replace: true });
  await signInWithCode(code);
}

followAddress();
let error = null;
await begin().catch((failure) => {
  error = failure;
});
document.body.replaceChildren();
render(html`<${App} error=${error} />`, document.body);
