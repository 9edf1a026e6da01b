/** The log as it is: every event, searchable; of thousands only those in sight are drawn. */

import { instant } from "../parts/words.js";
import { html, useEffect, useMemo, useRef, useState } from "../../vendor/ui.js";
import { found, inSight, textOf } from "./search.js";

const ROW_PX = 32;

/** @param {{ events: import("./clock.js").Event[], moments: number[], onSeek: (seconds: number) => void }} properties */
export function Events({ events, moments, onSeek }) {
  const [words, setWords] = useState("");
  const [chosen, setChosen] = useState(0);
  const texts = useMemo(() => events.map(textOf), [events]);
  const shown = useMemo(() => found(texts, words), [texts, words]);
  const at = Math.min(chosen, Math.max(0, shown.length - 1));
  const search = (event) => {
    setWords(event.currentTarget.value);
    setChosen(0);
  };
  return html`<section class="card events">
    <h2>Events</h2>
    <label for="events-words">Search</label>
    <input id="events-words" type="search" placeholder="transcript, a node, a word that was said" value=${words} onInput=${search} />
    <p class="hint" role="status">${words ? `${shown.length} of ${events.length} events` : `${events.length} events`}</p>
    ${shown.length > 0 && html`<${Rows} events=${events} moments=${moments} shown=${shown} at=${at} onChoose=${setChosen} />
      <${One} event=${events[shown[at]]} moment=${moments[shown[at]]} onSeek=${onSeek} />`}
  </section>`;
}

/** A list box: the arrows go through it, and what is chosen is shown whole below. */
function Rows({ events, moments, shown, at, onChoose }) {
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [{ top, height }, setView] = useState({ top: 0, height: 400 });
  const [first, last] = inSight({ top, height, rowHeight: ROW_PX, count: shown.length });
  const look = () => box.current && setView({ top: box.current.scrollTop, height: box.current.clientHeight });
  useEffect(() => {
    if (box.current) scrollTo(box.current, at);
    look();
  }, [at, shown]);
  const page = Math.max(1, Math.floor(height / ROW_PX) - 1);
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -shown.length, End: shown.length };
  const onKeyDown = (event) => {
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    onChoose(Math.max(0, Math.min(shown.length - 1, at + step)));
  };
  return html`<div class="rows" ref=${box} role="listbox" tabindex="0" aria-label="Events" aria-activedescendant="event-${shown[at]}" onScroll=${look} onKeyDown=${onKeyDown}>
    <div role="presentation" style=${{ height: `${shown.length * ROW_PX}px` }}>
      ${shown.slice(first, last).map((index, row) => html`<div key=${index} id="event-${index}" role="option" aria-selected=${first + row === at ? "true" : "false"}
          aria-setsize=${shown.length} aria-posinset=${first + row + 1} style=${{ top: `${(first + row) * ROW_PX}px` }} onClick=${() => onChoose(first + row)}>
        <span class="number">${events[index].seq}</span>
        <span class="number">${moments[index].toFixed(1)} s</span>
        <span>${events[index].type}</span>
        <span class="data">${JSON.stringify(events[index].data)}</span>
      </div>`)}
    </div>
  </div>`;
}

function scrollTo(box, row) {
  const top = row * ROW_PX;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + ROW_PX > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW_PX - box.clientHeight;
}

function One({ event, moment, onSeek }) {
  return html`<div class="one">
    <div class="row">
      <strong>${event.seq} · ${event.type}</strong>
      <span class="aside">${instant(event.at)}</span>
      <button type="button" class="moment" onClick=${() => onSeek(moment)}>Hear ${moment.toFixed(1)} s</button>
    </div>
    <pre tabindex="0" aria-label="The event as it is">${JSON.stringify(event.data, null, 2)}</pre>
  </div>`;
}
