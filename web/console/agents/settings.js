/** An agent's name and settings: the usual ones in fields, all of them as JSON. */

import { put } from "./document.js";
import { Fields } from "./form.js";
import { SETTINGS } from "./settings_fields.js";
import { Field } from "../parts/fields.js";
import { html } from "../../vendor/ui.js";

/**
 * @param {object} properties
 * @param {import("./work.js").Work} properties.work
 * @param {boolean} properties.isFixed
 * @param {(act: (work: import("./work.js").Work) => import("./work.js").Work, field?: string) => void} properties.onEdit
 */
export function Settings({ work, isFixed, onEdit }) {
  const set = (path, value) => onEdit((now) => put(now, path, value), path.join("."));
  const form = { value: work, faults: [], isFixed, onField: set };
  return html`<section aria-labelledby="settings-title">
    <h2 id="settings-title">Settings</h2>
    <${Field} label="Name" required maxlength="100" disabled=${isFixed} value=${work.name} onValue=${(text) => set(["name"], text)} />
    <${Field} as="textarea" label="Description" rows="2" maxlength="1000" disabled=${isFixed} value=${work.description} onValue=${(text) => set(["description"], text)} />
    <${Field} type="checkbox" label="All keys see it as a streaming workflow" disabled=${isFixed} checked=${work.is_public} onValue=${(is) => set(["is_public"], is)} />
    <${Fields} fields=${SETTINGS} path=${["settings"]} ...${form} />
    <${Fields} fields=${[ALL]} path=${[]} ...${form} onField=${(path, value) => set(path, value ?? {})} />
  </section>`;
}

/** @type {import("./kinds.js").FieldOf} */
const ALL = { key: "settings", label: "All settings as JSON", form: "json", hint: "Those that stand above, and every other." };
