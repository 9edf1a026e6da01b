/** The secret that signs what is posted to the organization's addresses: shown when asked for. */

import { Heading } from "./listing.js";
import { useAction } from "../loading.js";
import { CopyText } from "../parts/copy.js";
import { Failure } from "../parts/states.js";
import { api } from "../session.js";
import { html, useState } from "../../vendor/ui.js";

export function Webhooks() {
  const [secret, setSecret] = useState("");
  const { isBusy, error, run } = useAction();
  const show = () => run(async () => setSecret((await api().get("/api/v1/organization/webhook-secret")).secret));
  return html`<${Heading} title="Webhook secret" />
    <div class="card">
      <p>What Offhook posts to your addresses is signed with it by HMAC-SHA256, so that you can tell it from what others post.
        Whoever knows it can sign as Offhook does.</p>
      <${Failure} error=${error} />
      ${secret && html`<${CopyText} label="Secret" text=${secret} />`}
      <button type="button" disabled=${isBusy} onClick=${() => (secret ? setSecret("") : show())}>${secret ? "Hide it" : "Show it"}</button>
    </div>`;
}
