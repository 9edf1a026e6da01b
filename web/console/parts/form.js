/** What a form holds while it is filled in, and what the API says of it once it is sent. */

import { Form } from "./fields.js";
import { faultAt, without } from "./faults.js";
import { Failure, Lacking } from "./states.js";
import { useAction } from "../loading.js";
import { go, keepUntilAsked } from "../router.js";
import { allows } from "../session.js";
import { html, useEffect, useRef, useState } from "../../vendor/ui.js";

/**
 * @template {Record<string, any>} V
 * @typedef {object} Filled
 * @property {V} values
 * @property {(changes: Partial<V>) => void} change
 * @property {(name: string & keyof V, ...place: string[]) => Record<string, any>} bind what a `Field` of this name is given;
 *   `place` is where it stands in the document, unless that is its name
 * @property {(...place: string[]) => string} fault what is wrong there
 */

/**
 * Ask before a form is left that was filled in and not sent.
 * @param {boolean} isFilledIn
 */
export function useQuestion(isFilledIn, sentence = "What you have filled in is not saved. Leave it?") {
  useEffect(() => (isFilledIn ? keepUntilAsked(sentence) : undefined), [isFilledIn]);
}

/**
 * A form of one document: `fields` draws it, `onSend` sends it, and what the API refuses is shown where it belongs.
 * @template {Record<string, any>} V
 * @param {object} properties
 * @param {V} properties.initial
 * @param {(values: V, go: import("../loading.js").Go) => Promise<unknown>} properties.onSend
 * @param {(form: Filled<V>) => unknown} properties.fields
 * @param {import("../session.js").Me["scopes"][number]} properties.scope what sending needs
 * @param {string} [properties.send]
 * @param {string} [properties.back] the place that one leaves to without sending
 * @param {boolean} [properties.stays] whether the form stays, and says that it was saved
 */
export function Editing({ initial, onSend, fields, scope, send = "Save", back = "", stays = false }) {
  const [values, setValues] = useState(initial);
  const [isSaved, setSaved] = useState(false);
  const [isFilledIn, setFilledIn] = useState(false);
  const { isBusy, error, run } = useAction();
  // What was typed since it was sent is not saved with it.
  const latest = useRef(values);
  latest.current = values;
  const fieldset = useRef(/** @type {HTMLDivElement | null} */ (null));
  const claimed = [];
  const change = (changes) => {
    setSaved(false);
    setFilledIn(true);
    setValues((before) => ({ ...before, ...changes }));
  };
  const fault = (...place) => {
    claimed.push(place);
    return faultAt(error, ...place);
  };
  const bind = (name, ...place) => ({
    ...(typeof values[name] === "boolean" ? { type: "checkbox", checked: values[name] } : { value: values[name] ?? "" }),
    onValue: (value) => change({ [name]: value }),
    fault: fault(...(place.length ? place : [name])),
  });
  // To the first field that is wrong, so that whoever uses the keyboard goes on there.
  useEffect(() => {
    if (error) /** @type {HTMLElement | null} */ (fieldset.current?.querySelector("[aria-invalid]"))?.focus();
  }, [error]);
  useQuestion(isFilledIn);
  const onForm = async () => {
    const isSent = await run((goOn) => onSend(values, goOn));
    const isWhole = isSent && latest.current === values;
    setSaved(isWhole && stays);
    setFilledIn(!isWhole);
  };
  const leave = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(back);
  };
  const isAllowed = allows(scope);
  return html`<div ref=${fieldset}>
    ${!isAllowed && html`<${Lacking} scope=${scope} />`}
    <${Form} class="card editing" onSend=${onForm} isBusy=${isBusy || !isAllowed} send=${send} beside=${back && html`<a class="back" href=${back} onClick=${leave}>Back without saving</a>`}>
      <fieldset class="plain" disabled=${!isAllowed}>${fields({ values, change, bind, fault })}</fieldset>
      <${Failure} error=${without(error, claimed)} />
      <p role="status">${isSaved && "Saved."}</p>
    <//>
  </div>`;
}
