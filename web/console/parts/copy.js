/** A text to be taken elsewhere. */

import { html, useId, useRef, useState } from "../../vendor/ui.js";

/** Shows a text whole, with a button that copies it: where the browser lets no page do that, it is selected for the keyboard. */
export function CopyText({ label, text }) {
  const id = useId();
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [told, setTold] = useState("");
  async function copy() {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(text);
      setTold("Copied.");
    } catch {
      setTold("This browser does not let pages copy: press Ctrl+C, or ⌘C, now.");
    }
  }
  return html`<div>
    <label for=${id}>${label}</label>
    <div class="row">
      <input id=${id} ref=${field} class="code" readonly value=${text} onFocus=${() => field.current?.select()} />
      <button type="button" onClick=${copy}>Copy</button>
    </div>
    <p class="hint" role="status">${told}</p>
  </div>`;
}
