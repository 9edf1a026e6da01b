/** Fields of a document's object, as `kinds.js` lists them. A value that a field can't hold is left to the JSON. */

import { at } from "./document.js";
import { sentencesAt } from "./faults.js";
import { useNames } from "./names.js";
import { Field } from "../parts/fields.js";
import { useKeys } from "../parts/keys.js";
import { html, useEffect, useId, useState } from "../../vendor/ui.js";

/**
 * @typedef {object} Form
 * @property {any} value what `path` begins in
 * @property {import("./faults.js").Fault[]} faults
 * @property {boolean} isFixed
 * @property {(path: (string | number)[], value: unknown) => void} onField `undefined` takes the key away
 */

/** @param {Form & { fields: import("./kinds.js").FieldOf[], path: (string | number)[], first?: number }} properties `first`: how
 *   many are shown at once; those after them are folded away until one looks, or one of them is used */
export function Fields({ fields, path, first = Infinity, ...form }) {
  const shown = fields.length > first + 1 ? fields.slice(0, first) : fields;
  const folded = fields.slice(shown.length);
  const isUsed = folded.some(({ key }) => at(form.value, [...path, key]) !== undefined || sentencesAt(form.faults, [...path, key]));
  const [isOpen, setOpen] = useState(isUsed);
  useEffect(() => {
    if (isUsed) setOpen(true);
  }, [isUsed]);
  const each = (field) => html`<${OneField} key=${field.key} field=${field} path=${[...path, field.key]} ...${form} />`;
  return html`${shown.map(each)}
    ${folded.length > 0 && html`<details open=${isOpen} onToggle=${({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>More</summary>
      ${isOpen && folded.map(each)}
    </details>`}`;
}

function OneField({ field, path, value, faults, isFixed, onField }) {
  const held = at(value, path);
  const set = (now) => onField(path, now);
  const common = { label: field.label, hint: field.hint ?? "", disabled: isFixed, "data-path": path.join("."), fault: sentencesAt(faults, path) };
  if (field.form === "group") return html`<${Group} field=${field} path=${path} held=${held} form=${{ value, faults, isFixed, onField }} common=${common} />`;
  if (held !== undefined && held !== null && !HOLDS[field.form](held)) {
    return html`<${Field} ...${common} disabled value=${JSON.stringify(held)} hint="This is kept as it is: edit it in the JSON." />`;
  }
  if (field.form === "list") return html`<${List} field=${field} path=${path} held=${held ?? []} form=${{ value, faults, isFixed, onField }} />`;
  if (field.form === "names") return html`<${Names} field=${field} held=${held ?? []} common=${common} onValue=${set} />`;
  const Kind = { area: Area, lines: Lines, number: Numeric, json: Json, check: Check, choice: field.of ? One : Choice, text: Text }[field.form];
  return html`<${Kind} field=${field} held=${held} common=${common} onValue=${set} />`;
}

const isText = (value) => typeof value === "string";
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether a field of a form can hold a value. */
const HOLDS = {
  text: isText,
  area: isText,
  choice: isText,
  lines: (value) => Array.isArray(value) && value.every((each) => isText(each) && !each.includes("\n")),
  names: (value) => Array.isArray(value) && value.every(isText),
  list: (value) => Array.isArray(value) && value.every(isObject),
  check: (value) => typeof value === "boolean",
  number: (value) => typeof value === "number",
  json: () => true,
};

/** No value of ours: that of the choice which says nothing. */
const USUAL = "as usual";

/** An empty text is the same as none. */
const given = (onValue) => (text) => onValue(text === "" ? undefined : text);

const Text = ({ held, common, onValue }) => html`<${Field} ...${common} value=${held ?? ""} onValue=${given(onValue)} />`;

const Area = ({ held, common, onValue }) => html`<${Field} as="textarea" rows="3" ...${common} value=${held ?? ""} onValue=${given(onValue)} />`;

const Check = ({ field, held, common, onValue }) =>
  html`<${Field} type="checkbox" ...${common} checked=${held ?? field.isUsual} onValue=${(is) => onValue(is === field.isUsual ? undefined : is)} />`;

function Choice({ field, held, common, onValue }) {
  const choices = held !== undefined && held !== null && !field.choices.includes(held) ? [...field.choices, held] : field.choices;
  return html`<${Field} as="select" ...${common} value=${held ?? USUAL} onValue=${(text) => onValue(text === USUAL ? undefined : text)}>
    <option value=${USUAL}>as usual</option>
    ${choices.map((text) => html`<option value=${text} key=${text}>${text.replaceAll("_", " ") || "nothing"}</option>`)}
  <//>`;
}

/** Text that is more than its value: blank lines and half a number are kept while one types. */
function useTyped(held, written) {
  const [typed, setTyped] = useState({ text: written(held), held, isBroken: false });
  const { text, isBroken } = typed.held === held ? typed : { text: written(held), isBroken: false };
  return { text, isBroken, type: (now, value, broken = false) => setTyped({ text: now, held: value, isBroken: broken }) };
}

function Lines({ held, common, onValue }) {
  // The list that was made of the text just now comes back as the same one.
  const { text, type } = useTyped(held, (list) => (list ?? []).join("\n"));
  const set = (now) => {
    const list = now.split("\n").map((line) => line.trim()).filter(Boolean);
    const value = list.length ? list : undefined;
    type(now, value);
    onValue(value);
  };
  return html`<${Field} as="textarea" rows="3" ...${common} value=${text} onValue=${set} />`;
}

function Numeric({ held, common, onValue }) {
  const { text, type } = useTyped(held ?? undefined, (number) => (number === undefined ? "" : String(number)));
  const set = (now) => {
    const value = now.trim() === "" || !Number.isFinite(Number(now)) ? undefined : Number(now);
    type(now, value);
    onValue(value);
  };
  return html`<${Field} inputmode="decimal" ...${common} fault=${text.trim() && !Number.isFinite(Number(text)) ? "Write a number." : common.fault} value=${text} onValue=${set} />`;
}

function Json({ held, common, onValue }) {
  const { text, isBroken, type } = useTyped(held, (value) => (value === undefined ? "" : JSON.stringify(value, null, 2)));
  const set = (now) => {
    try {
      const value = now.trim() ? JSON.parse(now) : undefined;
      type(now, value);
      onValue(value);
    } catch {
      type(now, held, true);
    }
  };
  return html`<${Field} as="textarea" rows="4" class="code" spellcheck=${false} ...${common} fault=${isBroken ? "This is no JSON yet, and not taken." : common.fault} value=${text} onValue=${set} />`;
}

function One({ field, held, common, onValue }) {
  const options = useNames(field.of);
  if (!options) return html`<${Text} held=${held} common=${common} onValue=${onValue} />`;
  const others = held && !options.some(({ id }) => id === held) ? [{ id: held, name: `${held} (not found)` }] : [];
  return html`<${Field} as="select" ...${common} value=${held ?? ""} onValue=${given(onValue)}>
    <option value="">none</option>
    ${[...options, ...others].map(({ id, name }) => html`<option value=${id} key=${id}>${name}</option>`)}
  <//>`;
}

function Names({ field, held, common, onValue }) {
  const options = useNames(field.of);
  if (!options) return html`<${Lines} held=${held} common=${{ ...common, hint: "Ids, one a line." }} onValue=${onValue} />`;
  const others = held.filter((id) => !options.some((option) => option.id === id)).map((id) => ({ id, name: `${id} (not found)` }));
  const all = [...options, ...others];
  const toggle = (id, is) => {
    const now = is ? [...held, id] : held.filter((each) => each !== id);
    onValue(now.length ? now : undefined);
  };
  return html`<fieldset class="names" data-path=${common["data-path"]} tabindex="-1">
    <legend>${field.label}</legend>
    ${all.length ? all.map(({ id, name }) => html`<${Field} key=${id} type="checkbox" label=${name} disabled=${common.disabled} checked=${held.includes(id)} onValue=${(is) => toggle(id, is)} />`) : html`<p class="hint">There are none yet.</p>`}
    ${common.fault && html`<p class="fault">${common.fault}</p>`}
  </fieldset>`;
}

/** An object that may be missing: a switch, and its fields while it is there. */
function Group({ field, path, held, form, common }) {
  const isThere = held !== undefined && held !== null;
  const own = form.faults.filter((fault) => fault.field === path.join(".")).map(({ message }) => message).join(" ");
  return html`<div class="group">
    <${Field} type="checkbox" ...${common} fault=${own} checked=${isThere} onValue=${(is) => form.onField(path, is ? {} : undefined)} />
    ${isThere && (isObject(held)
      ? html`<div class="inner"><${Fields} fields=${field.fields} path=${path} ...${form} /></div>`
      : html`<p class="hint">This is kept as it is: edit it in the JSON.</p>`)}
  </div>`;
}

function List({ field, path, held, form }) {
  const id = useId();
  const { keys, forget } = useKeys(held.length);
  const replaced = (list) => form.onField(path, list.length ? list : undefined);
  const takeOut = (index) => {
    forget(index);
    replaced(held.filter((_, other) => other !== index));
  };
  return html`<fieldset class="group" data-path=${path.join(".")} tabindex="-1">
    <legend id=${id}>${field.label}</legend>
    ${held.map((_, index) => html`<div class="inner" key=${keys[index]}>
      <${Fields} fields=${field.fields} path=${[...path, index]} ...${form} />
      <button type="button" disabled=${form.isFixed} onClick=${() => takeOut(index)}>Take out ${index + 1}</button>
    </div>`)}
    <button type="button" aria-describedby=${id} disabled=${form.isFixed} onClick=${() => replaced([...held, {}])}>Add</button>
  </fieldset>`;
}
