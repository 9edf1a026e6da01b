/** Trying a draft before it is published: in the browser, or on one's own telephone. */

import { useAction } from "../loading.js";
import { Dialog } from "../parts/dialog.js";
import { Field, Form } from "../parts/fields.js";
import { Failure, Needs } from "../parts/states.js";
import { writePlace } from "../router.js";
import { api } from "../session.js";
import { html, useState } from "../../vendor/ui.js";

/**
 * @param {{ agent: import("./work.js").AgentDocument, isSaved: boolean, onClose: () => void }} properties `isSaved`: whether the
 *   draft is what one sees
 */
export function Trying({ agent, isSaved, onClose }) {
  const [number, setNumber] = useState("");
  const [run, setRun] = useState(/** @type {number | null} */ (null));
  const { isBusy, error, run: act } = useAction();
  const call = () => act(async () => {
    const path = { agent_uuid: agent.uuid };
    const started = await api().post("/api/v1/public/agent/test/workflow/{agent_uuid}", { path, body: { phone_number: number.trim() } });
    setRun(started.workflow_run_id);
  });
  const what = agent.draft ? "this draft" : "the published version";
  return html`<${Dialog} title="Try ${what}" onClose=${onClose}>
    ${!isSaved && html`<p class="failure">What you have changed since it was last saved is not in it.</p>`}
    <p><a href="/call#agent=${agent.uuid}&mode=test" target="_blank" rel="opener">Talk to ${what} in the browser</a></p>
    <${Needs} scope="calls:write">
      <${Form} send="Call me" isBusy=${isBusy} onSend=${call}>
        <${Field} label="Or let it call" type="tel" required placeholder="+14155550100" value=${number} onValue=${setNumber} />
        <${Failure} error=${error} />
      <//>
      ${run && html`<p role="status">It calls: <a href=${writePlace(["runs", run])}>the run</a>.</p>`}
    <//>
    <div class="row"><button type="button" onClick=${onClose}>Close</button></div>
  <//>`;
}
