/** The form of what is chosen in the graph: a node, or an edge. */

import { edges, nameOf, nodes } from "./document.js";
import { Fields } from "./form.js";
import { wordsOf } from "./graph.js";
import { EDGE_FIELDS, isLedTo, KINDS, kindName, leadsOn, otherKeys } from "./kinds.js";
import { Field } from "../parts/fields.js";
import { html, useEffect, useRef, useState } from "../../vendor/ui.js";

/**
 * @param {object} properties
 * @param {Record<string, any>} properties.document
 * @param {any} properties.piece
 * @param {import("./document.js").Chosen} properties.chosen
 * @param {import("./faults.js").Fault[]} properties.faults of this piece
 * @param {{ field: string }} properties.wanted the path of a field that is to be shown, such as `data.prompt`
 * @param {boolean} properties.isFixed
 * @param {(path: (string | number)[], value: unknown) => void} properties.onField
 * @param {(id: string) => void} properties.onRename
 * @param {() => void} properties.onRemove
 * @param {(target: string) => void} properties.onConnect
 * @param {(chosen: import("./document.js").Chosen) => void} properties.onChoose
 */
export function Piece({ document, piece, chosen, faults, wanted, isFixed, onField, onRename, onRemove, onConnect, onChoose }) {
  const isNode = chosen.kind === "nodes";
  const fields = isNode ? (KINDS[piece.type]?.fields ?? KINDS.globalNode.fields.slice(0, 1)) : EDGE_FIELDS;
  const others = otherKeys(piece.data, fields);
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (wanted.field) focusOn(/** @type {HTMLElement} */ (place.current), wanted.field);
  }, [wanted]);
  const form = { value: piece, faults, isFixed, onField };
  return html`<section id="piece" ref=${place} aria-labelledby="piece-title">
    <h2 id="piece-title">${isNode ? kindName(piece.type) : "Way on"}: ${isNode ? nameOf(piece) : wordsOf(piece) || piece.id}</h2>
    ${faults.length > 0 && html`<ul class="faults">${faults.map(({ message }) => html`<li>${message}</li>`)}</ul>`}
    <${Fields} fields=${fields} path=${["data"]} first=${isNode ? 3 : 4} ...${form} />
    ${others.length > 0 && html`<p class="hint">Kept as it is, see the JSON: ${others.join(", ")}.</p>`}
    ${isNode ? html`<${Ways} document=${document} node=${piece} isFixed=${isFixed} onConnect=${onConnect} onChoose=${onChoose} />` : html`<${Ends} document=${document} ...${form} />`}
    <details>
      <summary>Id and type</summary>
      <${Id} id=${piece.id} isFixed=${isFixed} taken=${taken(document, chosen)} onRename=${onRename} />
      ${isNode && html`<${Field} as="select" label="Type" disabled=${isFixed} value=${piece.type} onValue=${(type) => onField(["type"], type)}>
        ${[...new Set([...Object.keys(KINDS), piece.type])].map((type) => html`<option key=${type} value=${type}>${kindName(type)}</option>`)}
      <//>`}
    </details>
    <button type="button" class="danger" disabled=${isFixed} onClick=${onRemove}>Delete this ${isNode ? "node" : "way"}</button>
  </section>`;
}

/** Show the field that a fault is about, or the one that holds it. */
function focusOn(place, wanted) {
  for (let path = wanted; path; path = path.includes(".") ? path.slice(0, path.lastIndexOf(".")) : "") {
    const found = place.querySelector(`[data-path="${CSS.escape(path)}"]`);
    if (found instanceof HTMLElement) {
      found.focus();
      return;
    }
  }
}

/** The ways that join a node to others, and the way to make another one. */
function Ways({ document, node, isFixed, onConnect, onChoose }) {
  const [target, setTarget] = useState("");
  const all = nodes(document);
  const name = (id) => nameOf(all.find((each) => each.id === id));
  const ways = edges(document);
  const out = ways.filter(({ source }) => source === node.id);
  const into = ways.filter((way) => way.target === node.id);
  const targets = all.filter(isLedTo);
  return html`${leadsOn(node) && html`<h3>Ways on</h3>
      <${WayList} ways=${out} text=${(way) => `${wordsOf(way) || "no words yet"} → ${name(way.target)}`} onChoose=${onChoose} />
      <div class="row">
        <label for="target">Lead to</label>
        <select id="target" disabled=${isFixed} value=${target} onInput=${({ currentTarget }) => setTarget(currentTarget.value)}>
          <option value="">choose a node</option>
          ${targets.map((each) => html`<option key=${each.id} value=${each.id}>${nameOf(each)}</option>`)}
        </select>
        <button type="button" disabled=${isFixed || !targets.some(({ id }) => id === target)} onClick=${() => onConnect(target)}>Connect</button>
      </div>`}
    ${into.length > 0 && html`<h3>Ways in</h3>
      <${WayList} ways=${into} text=${(way) => `${name(way.source)}: ${wordsOf(way) || "no words yet"}`} onChoose=${onChoose} />`}`;
}

const WayList = ({ ways, text, onChoose }) => html`<ul class="ways">
  ${ways.map((way) => html`<li key=${way.id}><button type="button" onClick=${() => onChoose({ kind: "edges", id: way.id })}>${text(way)}</button></li>`)}
</ul>`;

/** From where to where an edge leads. */
function Ends({ document, value, isFixed, onField }) {
  const all = nodes(document);
  const end = (key, label, fitting) => html`<${Field} as="select" label=${label} disabled=${isFixed} value=${value[key]} data-path=${key} onValue=${(id) => onField([key], id)}>
    ${all.filter((node) => fitting(node) || node.id === value[key]).map((node) => html`<option key=${node.id} value=${node.id}>${nameOf(node)}</option>`)}
  <//>`;
  return html`${end("source", "From", leadsOn)}${end("target", "To", isLedTo)}`;
}

const taken = (document, { kind, id }) => (document[kind] ?? []).map((piece) => piece?.id).filter((other) => other !== id);

/** An id is taken when one leaves the field: half of it would be another piece's, or none. */
function Id({ id, isFixed, taken: others, onRename }) {
  const [text, setText] = useState(id);
  useEffect(() => setText(id), [id]);
  const fault = !text.trim() ? "Give it an id." : others.includes(text) ? "Another one has this id." : "";
  return html`<${Field} label="Id" maxlength="64" hint="Runs name it so. Its ways follow." fault=${fault} disabled=${isFixed} value=${text} data-path="id"
    onValue=${setText} onChange=${() => !fault && text !== id && onRename(text)} />`;
}
