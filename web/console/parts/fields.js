/** Forms: each field has a label, a hint and a place for its fault. */

import { html, useId } from "../../vendor/ui.js";

/**
 * One field. `as` is `input`, `select` or `textarea`; what else is given goes to it. `onValue` gets the text, or whether
 * it is checked.
 */
export function Field({ label, hint = "", fault = "", as: Kind = "input", onValue, children = undefined, ...rest }) {
  const id = useId();
  const isCheck = rest.type === "checkbox";
  const onInput = ({ currentTarget }) => onValue?.(isCheck ? currentTarget.checked : currentTarget.value);
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ") || undefined;
  const control = html`<${Kind} id=${id} onInput=${onInput} aria-describedby=${described} aria-invalid=${fault ? "true" : undefined} ...${rest}>
    ${children}
  <//>`;
  return html`<div class=${isCheck ? "field check" : "field"}>
    ${isCheck && control}
    <label for=${id}>${label}</label>
    ${!isCheck && control}
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
    ${fault && html`<p class="fault" id="${id}-fault">${fault}</p>`}
  </div>`;
}

/** A form that sends itself once, and not again while it is busy; `beside` stands beside the button that sends it. */
export function Form({ onSend, isBusy = false, send = "Save", beside = undefined, children, ...rest }) {
  const onSubmit = (event) => {
    event.preventDefault();
    if (!isBusy) onSend();
  };
  return html`<form autocomplete="off" onSubmit=${onSubmit} ...${rest}>
    ${children}
    <button class="main" type="submit" disabled=${isBusy}>${send}</button>
    ${beside}
  </form>`;
}
