/** The transcript: it follows the sound, and each line seeks it. */

import { duration } from "../parts/words.js";
import { computed, html, useEffect, useMemo, useRef } from "../../vendor/ui.js";
import { indexAt } from "./clock.js";

const WHO = { caller: "Caller", agent: "Agent", operator: "Operator", note: "" };
const BY = { caller: "the caller", operator: "an operator", dtmf: "a key", agent: "the agent's own doing" };

/** @param {{ lines: import("./telling.js").Line[], player: import("./player.js").Player, onSeek: (seconds: number) => void }} properties */
export function Transcript({ lines, player, onSeek }) {
  const list = useRef(/** @type {HTMLOListElement | null} */ (null));
  const current = useMemo(() => {
    const starts = lines.map(({ start }) => start);
    return computed(() => indexAt(starts, player.position.value));
  }, [lines]);
  useEffect(() => {
    if (player.isPlaying.peek()) bringIntoSight(list.current, current.value);
  }, [current.value]);
  if (!lines.length) return html`<p class="hint">Nothing was said.</p>`;
  return html`<ol class="transcript" ref=${list} onKeyDown=${walk}>
    ${lines.map((line, index) => html`<${Line} key=${line.id} line=${line} isCurrent=${index === current.value} onSeek=${onSeek} />`)}
  </ol>`;
}

/** @param {{ line: import("./telling.js").Line, isCurrent: boolean, onSeek: (seconds: number) => void }} properties */
function Line({ line: { who, text, unheard, start, cut }, isCurrent, onSeek }) {
  return html`<li>
    <button type="button" class="line ${who}" aria-current=${isCurrent ? "true" : undefined} onClick=${() => onSeek(start)}>
      <span class="who">${[duration(start), WHO[who]].filter(Boolean).join(" · ")}</span>
      ${text} ${unheard && html`<s>${unheard}</s><span class="for-readers"> (not heard)</span>`}
      ${cut && html`<span class="cut">Cut off by ${BY[cut.by] ?? cut.by} at ${duration(cut.seconds)}, after ${(cut.heardMs / 1000).toFixed(1)} s${text ? "" : ": nothing of it was heard"}</span>`}
    </button>
  </li>`;
}

/** The arrows go from line to line. */
function walk(event) {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  const to = step && event.target.closest("li")?.[step]?.querySelector("button");
  if (!to) return;
  event.preventDefault();
  to.focus();
}

/** Scroll the list alone, so that the page stays where its reader has it. */
function bringIntoSight(list, index) {
  const line = list?.children[index];
  if (!line) return;
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  list.scrollTo({ top: line.offsetTop - list.clientHeight / 3, behavior: isCalm ? "auto" : "smooth" });
}
