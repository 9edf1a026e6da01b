/** Starts the console: signs in with what is there, then shows the page of the address. */

import { App } from "./app.js";
import { follow as followCodes, enterWith, takeCode } from "./codes.js";
import { followAddress } from "./router.js";
import { signInAgain } from "./session.js";
import { html, render } from "../vendor/ui.js";

async function begin() {
  const code = takeCode();
  // A key that is refused is nobody's: then there is nobody to ask.
  const refused = (error) => {
    if (!code || error.isPassing) throw error;
  };
  await signInAgain().catch(refused);
  if (code) await enterWith(code);
}

let error = null;
await begin().catch((failure) => {
  error = failure;
});
followCodes();
followAddress();
document.body.replaceChildren();
render(html`<${App} error=${error} />`, document.body);
