/** What can be done with a run: hang up while it lives, call it off before, have it judged or delete it afterwards. */

import { useAction } from "../loading.js";
import { Confirm } from "../parts/dialog.js";
import { Failure } from "../parts/states.js";
import { writePlace } from "../router.js";
import { allows, api } from "../session.js";
import { html, useState } from "../../vendor/ui.js";
import { isOver } from "./outcome.js";

/** @typedef {import("../../types/api.js").Schemas["RunDocument"]} RunDocument */

/** @param {{ run: RunDocument, filters: Record<string, string>, reload: () => void }} properties */
export function Actions({ run, filters, reload }) {
  const path = { workflow_run_id: run.id };
  const remove = () => api().delete("/api/v1/runs/{workflow_run_id}", { path });
  const { isBusy, error, run: act } = useAction();
  const removeAndLeave = () => act(async (go) => {
    await remove();
    go(writePlace(["runs"], filters));
  });
  const then = async (does) => (await act(does)) && reload();
  const isWaiting = run.status === "queued" && run.scheduled_at !== null;
  if (!allows("runs:write")) return html`<p class="hint">Your API key may look at runs and do nothing with them: it lacks the scope <code>runs:write</code>.</p>`;
  return html`<div class="row actions">
      ${isWaiting && html`<${Asking} name="Call it off" title="Call this run off?" isBusy=${isBusy} onYes=${() => then(remove)}>It is not dialled, and stays in the list as canceled.<//>`}
      ${!isOver(run.status) && !isWaiting && html`<a class="button" href=${writePlace(["live", run.session_id])}>Watch it live</a>
        <${Asking} name="Hang up" title="End this call?" isBusy=${isBusy} onYes=${() => then(() => api().post("/api/v1/runs/{workflow_run_id}/hangup", { path }))}>Whoever is on the phone is cut off.<//>`}
      ${isOver(run.status) && html`<button type="button" disabled=${isBusy} onClick=${() => then(() => api().post("/api/v1/runs/{workflow_run_id}/qa", { path }))}>Ask for a review</button>
        <${Asking} name="Delete" title="Delete this run?" isBusy=${isBusy} onYes=${removeAndLeave}>
          Its recording, transcript and log are deleted with it. This can't be taken back.
        <//>`}
    </div>
    <${Failure} error=${error} />`;
}

/** A button that asks before it acts. */
function Asking({ name, title, isBusy, onYes, children }) {
  const [isOpen, setOpen] = useState(false);
  const yes = () => {
    setOpen(false);
    onYes();
  };
  return html`<button type="button" class="danger" disabled=${isBusy} onClick=${() => setOpen(true)}>${name}</button>
    ${isOpen && html`<${Confirm} title=${title} yes=${name} onYes=${yes} onClose=${() => setOpen(false)}><p>${children}</p><//>`}`;
}
