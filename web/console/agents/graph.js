/** The workflow as a graph: nodes are moved, joined and chosen with a mouse, a finger or the keyboard. */

import { edges, nameOf, nodes } from "./document.js";
import { faultsAt } from "./faults.js";
import { below, bounds, fit, NODE, ways, zoom } from "./geometry.js";
import { kindName, leadsOn } from "./kinds.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../../vendor/ui.js";

/** @typedef {import("./document.js").Point} Point */

const STEP = 16;
/** @type {Record<string, Point>} */
const ARROWS = { ArrowLeft: { x: -STEP, y: 0 }, ArrowRight: { x: STEP, y: 0 }, ArrowUp: { x: 0, y: -STEP }, ArrowDown: { x: 0, y: STEP } };
/** What a hand that only clicks may tremble, in pixels. */
const TREMBLE = 4;
const NEARER = 0.8;

/**
 * @param {object} properties
 * @param {Record<string, any>} properties.document
 * @param {Map<string, Point>} properties.places
 * @param {import("./document.js").Chosen | null} properties.chosen
 * @param {import("./faults.js").Fault[]} properties.faults
 * @param {boolean} properties.isFixed whether nothing may be changed just now
 * @param {number} properties.round whenever it changes, the whole graph is shown
 * @param {(chosen: import("./document.js").Chosen | null, field?: string) => void} properties.onChoose the field is to be shown
 * @param {(id: string, to: Point) => void} properties.onMove
 * @param {(source: string, target: string) => void} properties.onConnect
 * @param {(id: string) => void} properties.onRemove
 */
export function Graph({ document, places, chosen, faults, isFixed, round, onChoose, onMove, onConnect, onRemove }) {
  const svg = useRef(/** @type {SVGSVGElement | null} */ (null));
  const [view, setView] = useState({ x: 0, y: 0, width: 800, height: 500 });
  const [drag, setDrag] = useState(/** @type {any} */ (null));
  useLayoutEffect(() => showAll(), [round]);
  useEffect(() => {
    const surface = /** @type {SVGSVGElement} */ (svg.current);
    // Preact would listen passively, and the browser zoom the whole page.
    surface.addEventListener("wheel", onWheel, { passive: false });
    return () => surface.removeEventListener("wheel", onWheel);
  }, []);

  const shown = drag?.node && drag.hasMoved ? new Map(places).set(drag.node, drag.place) : places;
  const lines = edges(document);

  function showAll() {
    const { clientWidth: width, clientHeight: height } = /** @type {SVGSVGElement} */ (svg.current);
    if (width && height) setView(fit(bounds(places.values()), { width, height }));
  }

  /** @returns {Point} of the graph, where the pointer is */
  function pointOf({ clientX, clientY }) {
    const matrix = /** @type {SVGSVGElement} */ (svg.current).getScreenCTM();
    const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(matrix?.inverse());
    return { x, y };
  }

  function onWheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const around = pointOf(event);
    setView((before) => zoom(before, event.deltaY > 0 ? 1 / NEARER : NEARER, around));
  }

  function grab(event, what) {
    if (event.button !== 0 || drag) return;
    event.stopPropagation();
    svg.current?.setPointerCapture(event.pointerId);
    const start = { x: event.clientX, y: event.clientY };
    setDrag({ ...what, pointer: event.pointerId, start, from: pointOf(event), to: pointOf(event), view, hasMoved: false });
  }

  function follow(event) {
    if (!drag || event.pointerId !== drag.pointer) return;
    const hasMoved = drag.hasMoved || Math.hypot(event.clientX - drag.start.x, event.clientY - drag.start.y) > TREMBLE;
    const to = pointOf(event);
    if (drag.isView && hasMoved) setView((now) => ({ ...now, x: now.x + drag.from.x - to.x, y: now.y + drag.from.y - to.y }));
    setDrag({ ...drag, hasMoved, to, place: drag.node && moved(places.get(drag.node), drag.from, to) });
  }

  function letGo(event) {
    if (!drag || event.pointerId !== drag.pointer) return;
    setDrag(null);
    if (event.type === "pointercancel") return;
    if (drag.source) {
      const target = globalThis.document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-node]")?.getAttribute("data-node");
      if (target) onConnect(drag.source, target);
    } else if (drag.hasMoved && drag.node) onMove(drag.node, drag.place);
    else if (drag.isView && !drag.hasMoved) onChoose(null);
  }

  function onKey(event, id) {
    const by = ARROWS[event.key];
    if (by && !isFixed) onMove(id, moved(places.get(id), { x: 0, y: 0 }, by));
    else if ((event.key === "Delete" || event.key === "Backspace") && !isFixed) {
      onRemove(id);
      svg.current?.focus();
    } else if (event.key === "Enter" || event.key === " ") onChoose({ kind: "nodes", id }, "data.name");
    else return;
    event.preventDefault();
  }

  return html`<div class="graph">
    <svg ref=${svg} viewBox="${view.x} ${view.y} ${view.width} ${view.height}" role="group" tabindex="-1" aria-label="The workflow as a graph"
      aria-describedby="graph-hint" onPointerDown=${(event) => grab(event, { isView: true })} onPointerMove=${follow} onPointerUp=${letGo} onPointerCancel=${letGo}>
      <defs>
        <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerUnits="userSpaceOnUse" markerWidth="10" markerHeight="10" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" class="tip" /></marker>
        <clipPath id="inside"><rect width=${NODE.width - 10} height=${NODE.height} /></clipPath>
      </defs>
      <g aria-hidden="true">
        ${ways(lines, shown).map(({ id, path, label }, index) => html`<${Way} key=${`${index} ${id}`} edge=${lines[index]} path=${path} label=${label}
          isChosen=${chosen?.kind === "edges" && chosen.id === id} faults=${faultsAt(faults, { kind: "edges", id })}
          onChoose=${() => onChoose({ kind: "edges", id })} />`)}
      </g>
      ${nodes(document).map((node) => html`<${Node} key=${node.id} node=${node} at=${shown.get(node.id)} isFixed=${isFixed}
        isChosen=${chosen?.kind === "nodes" && chosen.id === node.id} faults=${faultsAt(faults, { kind: "nodes", id: node.id })}
        onGrabWay=${(event) => grab(event, { source: node.id })} onGrab=${(event) => {
          onChoose({ kind: "nodes", id: node.id });
          grab(event, isFixed ? {} : { node: node.id });
        }} onKey=${(event) => onKey(event, node.id)} />`)}
      ${drag?.source && html`<path class="way drawn" d=${drawn(places.get(drag.source), drag.to)} />`}
    </svg>
    <p class="hint" id="graph-hint">Drag a node to move it, and its dot onto another to lead there. With keys: Tab to a node, arrows move it, Enter opens its form, Delete removes it.</p>
    <div class="zooming" role="group" aria-label="What the graph shows">
      <button type="button" aria-label="Nearer" onClick=${() => setView(zoom(view, NEARER))}>+</button>
      <button type="button" aria-label="Farther" onClick=${() => setView(zoom(view, 1 / NEARER))}>−</button>
      <button type="button" onClick=${showAll}>Fit</button>
    </div>
  </div>`;
}

/** The way that is being drawn, from its node to the pointer. */
function drawn(from, to) {
  const { x, y } = below(from);
  return `M${x} ${y}L${to.x} ${to.y}`;
}

const moved = (place, from, to) => ({ x: Math.round(place.x + to.x - from.x), y: Math.round(place.y + to.y - from.y) });

function Node({ node, at, isChosen, isFixed, faults, onGrab, onGrabWay, onKey }) {
  const name = nameOf(node);
  const worst = faults.some(({ isWarning }) => !isWarning) ? "faulty" : faults.length ? "warned" : "";
  return html`<g class="node ${isChosen ? "chosen" : ""} ${worst}" data-node=${node.id} data-type=${node.type} transform="translate(${at.x} ${at.y})"
    role="button" tabindex="0" aria-pressed=${isChosen} onKeyDown=${onKey} onPointerDown=${onGrab}>
    <rect class="box" width=${NODE.width} height=${NODE.height} rx="12" />
    <rect class="band" width="6" height=${NODE.height - 24} x="0" y="12" rx="3" />
    <g clip-path="url(#inside)">
      <text class="kind" x="18" y="20">${kindName(node.type)}${" "}</text>
      <text class="name" x="18" y="40">${cut(name, 40)}${" "}</text>
      <text class="words" x="18" y="58">${cut(node.data?.say || node.data?.greeting || node.data?.prompt || "", 60)}${" "}</text>
    </g>
    ${faults.length > 0 && html`<g class="mark" transform="translate(${NODE.width - 16} 16)"><title>${faults.map(({ message }) => message).join(" ")}</title><circle r="10" /><text text-anchor="middle" dy="4.5" aria-hidden="true">!</text></g>`}
    ${leadsOn(node) && !isFixed && html`<circle class="dot" cx=${NODE.width / 2} cy=${NODE.height} r="9" onPointerDown=${onGrabWay} />`}
  </g>`;
}

function Way({ edge, path, label, isChosen, faults, onChoose }) {
  const words = cut(wordsOf(edge), 24);
  const width = words.length * 7 + 14;
  const choose = (event) => {
    event.stopPropagation();
    onChoose();
  };
  return html`<g class="way ${isChosen ? "chosen" : ""} ${faults.length ? "faulty" : ""}" data-edge=${edge.id} onPointerDown=${choose}>
    <path class="reach" d=${path} />
    <path class="line" d=${path} marker-end="url(#tip)" />
    ${(words || faults.length > 0) && html`<g transform="translate(${label.x} ${label.y})">
      <rect class="ground" x=${-width / 2} y="-11" width=${width} height="22" rx="11" />
      <text text-anchor="middle" dy="4">${faults.length ? `! ${words}` : words}</text>
    </g>`}
  </g>`;
}

/** What takes an edge, in few words. */
export function wordsOf({ data }) {
  const [phrase] = Array.isArray(data?.phrases) ? data.phrases : [];
  const found = [data?.label, phrase && `“${phrase}”`, data?.dtmf && `key ${data.dtmf}`, data?.when?.replaceAll?.("_", " "), data?.condition];
  return found.find((text) => typeof text === "string" && text) ?? "";
}

function cut(text, most) {
  const written = typeof text === "string" ? text : "";
  return written.length > most ? `${written.slice(0, most - 1)}…` : written;
}
