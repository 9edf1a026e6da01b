/** What stands over the page until it is answered; the browser keeps the keyboard inside, and Escape closes it. */

import { html, useEffect, useId, useRef } from "../../vendor/ui.js";

/** A dialog that is open while it is shown. */
export function Dialog({ title, onClose, children }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const id = useId();
  useEffect(() => {
    const before = /** @type {HTMLElement | null} */ (document.activeElement);
    dialog.current?.showModal();
    // It is dropped, not closed: then the browser brings the keyboard back to nowhere.
    return () => before?.focus();
  }, []);
  return html`<dialog ref=${dialog} aria-labelledby=${id} onClose=${onClose}>
    <h2 id=${id}>${title}</h2>
    ${children}
  </dialog>`;
}

/** Asks before something that can't be taken back. `onYes` may fail: then why is shown by who gave it. */
export function Confirm({ title, yes, onYes, onClose, isBusy = false, children }) {
  return html`<${Dialog} title=${title} onClose=${onClose}>
    ${children}
    <div class="row">
      <button type="button" class="danger" disabled=${isBusy} onClick=${onYes}>${yes}</button>
      <button type="button" autofocus onClick=${onClose}>Cancel</button>
    </div>
  <//>`;
}
