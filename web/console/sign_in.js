/** Signing in by an API key. */

import { useAction } from "./loading.js";
import { Field, Form } from "./parts/fields.js";
import { Failure } from "./parts/states.js";
import { enter, identify } from "./session.js";
import { html, useState } from "../vendor/ui.js";

export function SignIn({ error: before = null }) {
  const [key, setKey] = useState("");
  const [isKept, setKept] = useState(true);
  const { isBusy, error, run } = useAction();
  return html`<main class="narrow" id="content">
    <div class="card">
      <h1>Offhook</h1>
      <${Form} send="Sign in" isBusy=${isBusy} onSend=${() => run(async () => enter(await identify(key.trim()), { keep: isKept }))}>
        <${Field} label="API key" type="password" required spellcheck=${false} autocapitalize="off" value=${key} onValue=${setKey}
          hint="offhook open signs you in; offhook env prints a key. It never becomes part of an address." />
        <${Field} label="Keep it until this tab is closed" type="checkbox" checked=${isKept} onValue=${setKept} />
        <${Failure} error=${error ?? before} />
      <//>
    </div>
  </main>`;
}
