/** All contacts as a file: it is asked for, written, and fetched. */

import { useAction, useFollowed } from "../loading.js";
import { Failure } from "../parts/states.js";
import { api } from "../session.js";
import { html, useState } from "../../vendor/ui.js";

const FOLLOWED_EVERY_MS = 1000;
const EXPORT = "/api/v1/campaigns/{campaign_id}/export";

export function Export({ id }) {
  const [isAsked, setAsked] = useState(false);
  const { isBusy, error, run } = useAction();
  const path = { campaign_id: id };
  const ask = () => run(async () => {
    await api().post(EXPORT, { path });
    setAsked(true);
  });
  return html`${isAsked
    ? html`<${Written} path=${path} onAgain=${() => setAsked(false)} />`
    : html`<button type="button" disabled=${isBusy} onClick=${ask}>Export contacts</button>`}
    <${Failure} error=${error} />`;
}

function Written({ path, onAgain }) {
  const { value, error, reload } = useFollowed(
    (signal) => api().get(EXPORT, { path, signal }),
    [path.campaign_id],
    (found) => (found?.status === "writing" ? FOLLOWED_EVERY_MS : 0),
  );
  if (error) return html`<${Failure} error=${error} again=${reload} />`;
  if (value?.url) {
    return html`<a class="button main" href=${value.url} download>Download ${value.rows} ${value.rows === 1 ? "contact" : "contacts"}</a>
      <button type="button" onClick=${onAgain}>Another export</button>`;
  }
  if (value && value.status !== "writing") return html`<p>The export has ${value.status}. <button type="button" onClick=${onAgain}>Once more</button></p>`;
  return html`<p role="status">Writing the file … ${value?.rows ? `${value.rows} contacts` : ""}</p>`;
}
