/** A field for one of many things that have names. */

import { Field } from "./fields.js";
import { html } from "../../vendor/ui.js";

/**
 * What is chosen and not among the choices stays.
 * @param {Record<string, any> & { label: string, choices: { uuid: string, name: string, lacks?: string }[], none?: string }} properties
 *   `none` says what it is to choose none, where one may; what `lacks` something can't be chosen
 */
export function Choice({ choices, none = "", value, ...rest }) {
  const isAmong = !value || choices.some(({ uuid }) => uuid === value);
  return html`<${Field} as="select" value=${value ?? ""} ...${rest}>
    <option value="" disabled=${!none}>${none || "choose"}</option>
    ${!isAmong && html`<option value=${value}>${value}</option>`}
    ${choices.map(({ uuid, name, lacks = "" }) => html`<option key=${uuid} value=${uuid} disabled=${Boolean(lacks)}>${name}${lacks && ` (${lacks})`}</option>`)}
  <//>`;
}
