/** The fields of a tool's definition, as a form or as JSON. */

import { CATEGORIES, categoryOf, readDefinition } from "./tool_definitions.js";
import { choicesOf, linesOf, listOf, numberOf, objectOf, rowsOf } from "./values.js";
import { useLoaded } from "../loading.js";
import { AgentField } from "../parts/agents.js";
import { Choice } from "../parts/choice.js";
import { Field } from "../parts/fields.js";
import { useKeys } from "../parts/keys.js";
import { wholeList } from "../whole_list.js";
import { html, useState } from "../../vendor/ui.js";

/**
 * @param {object} properties
 * @param {import("./tool_definitions.js").Category} properties.category
 * @param {Record<string, any>} properties.definition
 * @param {Record<string, string>} properties.faults what is wrong with which field
 * @param {(definition: Record<string, any>) => void} properties.onDefinition
 */
export function DefinitionFields({ category, definition, faults, onDefinition }) {
  const [isJson, setJson] = useState(!(category in CATEGORIES));
  return html`<fieldset>
    <legend>${categoryOf(category).name}</legend>
    <div class="row">
      <button type="button" aria-pressed=${!isJson} onClick=${() => setJson(false)}>Form</button>
      <button type="button" aria-pressed=${isJson} onClick=${() => setJson(true)}>JSON</button>
    </div>
    ${isJson
      ? html`<${Json} definition=${definition} fault=${inOne(faults)} onDefinition=${onDefinition} />`
      : Object.entries(categoryOf(category).entries).map(([name, entry]) => {
          const Kind = KINDS[entry.kind];
          return html`<${Kind} key=${name} label=${entry.label} hint=${entry.hint} fault=${faults[name]} ...${entry.bounds} ...${entry.choices && { choices: entry.choices }}
            value=${definition[name]} onValue=${(value) => onDefinition({ ...definition, [name]: value })} />`;
        })}
  </fieldset>`;
}

const inOne = (faults) => Object.entries(faults).filter(([, fault]) => fault).map(([name, fault]) => `${name}: ${fault}`).join(" ");

/** The whole definition as JSON; one that is none is told, and can't be sent. */
function Json({ definition, fault, onDefinition }) {
  const [text, setText] = useState(() => JSON.stringify(definition, null, 2));
  const [broken, setBroken] = useState("");
  const onInput = ({ currentTarget }) => {
    const read = readDefinition(currentTarget.value);
    currentTarget.setCustomValidity(read.fault);
    setText(currentTarget.value);
    setBroken(read.fault);
    if (read.definition) onDefinition(read.definition);
  };
  return html`<${Field} label="Definition" as="textarea" class="code" rows="16" spellcheck=${false} value=${text} onInput=${onInput} fault=${broken || fault} />`;
}

/** A field for each kind of entry: it is given the value as the API has it, and gives it back so. */
const KINDS = {
  line: Field,
  text: ({ value, onValue, ...rest }) => html`<${Field} as="textarea" rows="5" class="code" ...${rest} value=${value ?? ""} onValue=${(text) => onValue(text || null)} />`,
  number: ({ onValue, ...rest }) => html`<${Field} type="number" ...${rest} onValue=${(text) => onValue(numberOf(text))} />`,
  check: ({ value, ...rest }) => html`<${Field} type="checkbox" ...${rest} checked=${value} />`,
  choice: ({ choices, ...rest }) => html`<${Field} as="select" ...${rest}>${choices.map((choice) => html`<option>${choice}</option>`)}<//>`,
  lines: Lines,
  pairs: Pairs,
  parameters: Parameters,
  presets: Presets,
  credential: CredentialField,
  agent: AgentField,
};

function CredentialField({ onValue, ...rest }) {
  const { value: credentials } = useLoaded((signal) => wholeList("/api/v1/credentials", { signal }), []);
  return html`<${Choice} choices=${credentials ?? []} none="none" ...${rest} onValue=${(uuid) => onValue(uuid || null)} />`;
}

/** One text a line; what is typed stays as it is while it is typed. */
function Lines({ value, onValue, ...rest }) {
  const [text, setText] = useState(() => linesOf(value));
  const onText = (typed) => {
    setText(typed);
    onValue(listOf(typed));
  };
  return html`<${Field} as="textarea" rows="4" ...${rest} value=${text} onValue=${onText} />`;
}

function Pairs({ value, onValue, ...rest }) {
  const [rows, setRows] = useState(() => rowsOf(value));
  const onRows = (changed) => {
    setRows(changed);
    onValue(objectOf(changed));
  };
  return html`<${Rows} ...${rest} rows=${rows} onRows=${onRows} fresh=${{ name: "", value: "" }} most=${20} fields=${(row, change) => html`
    <${Field} label="Name" value=${row.name} onValue=${(name) => change({ name })} />
    <${Field} label="Value" value=${row.value} onValue=${(text) => change({ value: text })} />`} />`;
}

const TYPES = ["string", "number", "integer", "boolean", "object", "array"];

function Parameters({ value, onValue, ...rest }) {
  return html`<${Rows} ...${rest} rows=${value} onRows=${onValue} fresh=${{ name: "", type: "string", description: "", required: false }} most=${20} fields=${(row, change) => html`
    <${Field} label="Name" value=${row.name} onValue=${(name) => change({ name })} />
    <${Field} label="Type" as="select" value=${row.type} onValue=${(type) => change({ type, items: null, enum: null })}>${TYPES.map((type) => html`<option>${type}</option>`)}<//>
    <div class="whole"><${Field} label="What it is" value=${row.description} maxlength="500" onValue=${(description) => change({ description })} /></div>
    ${row.type === "array" && html`<${Field} label="Of" as="select" value=${row.items ?? ""} onValue=${(items) => change({ items: items || null })}>
      <option value="">anything</option>${TYPES.filter((type) => type !== "array").map((type) => html`<option>${type}</option>`)}
    <//>`}
    ${row.type !== "boolean" && row.type !== "object" && row.type !== "array" && html`<${Choices} key=${row.type} row=${row} change=${change} />`}
    <${Field} label="Needed" type="checkbox" checked=${row.required} onValue=${(required) => change({ required })} />`} />`;
}

/** The values that a parameter may take, between commas. */
function Choices({ row, change }) {
  const [text, setText] = useState(() => (row.enum ?? []).join(", "));
  const onText = (typed) => {
    setText(typed);
    change({ enum: choicesOf(typed, row.type) });
  };
  return html`<${Field} label="Only one of" placeholder="small, large" value=${text} onValue=${onText} />`;
}

function Presets({ value, onValue, ...rest }) {
  return html`<${Rows} ...${rest} rows=${value} onRows=${onValue} fresh=${{ name: "", value_template: "", required: false }} most=${20} fields=${(row, change) => html`
    <${Field} label="Name" value=${row.name} onValue=${(name) => change({ name })} />
    <${Field} label="Value" placeholder="{{caller_number}}" value=${row.value_template} maxlength="1000" onValue=${(text) => change({ value_template: text })} />
    <${Field} label="Without a value, send nothing" type="checkbox" checked=${row.required} onValue=${(required) => change({ required })} />`} />`;
}

/** Rows that one adds and takes away; `fields` draws one. */
function Rows({ label, hint = "", fault = "", rows, onRows, fresh, most, fields }) {
  const { keys, forget } = useKeys(rows.length);
  const change = (index, changes) => onRows(rows.map((row, at) => (at === index ? { ...row, ...changes } : row)));
  const remove = (index) => {
    forget(index);
    onRows(rows.filter((_, at) => at !== index));
  };
  return html`<fieldset class="rows">
    <legend>${label}</legend>
    ${hint && html`<p class="hint">${hint}</p>`}
    ${rows.map((row, index) => html`<div class="one" key=${keys[index]} role="group" aria-label=${`${label}: ${index + 1}`}>
      ${fields(row, (changes) => change(index, changes))}
      <button type="button" aria-label=${`Remove ${row.name || `row ${index + 1}`}`} onClick=${() => remove(index)}>Remove</button>
    </div>`)}
    <button type="button" disabled=${rows.length >= most} onClick=${() => onRows([...rows, fresh])}>Add one</button>
    ${fault && html`<p class="fault">${fault}</p>`}
  </fieldset>`;
}
