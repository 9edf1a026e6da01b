/** What was said, as it is said. All of it is text. */

import { html, useLayoutEffect, useRef } from "../../vendor/ui.js";

const NAMES = { caller: "Caller", agent: "Agent", operator: "Operator" };
const UNHEARD = { agent: "not heard", caller: "understood so at first", operator: "not heard" };
// Who reads further up is left there.
const NEAR_PX = 40;

/** @param {{ lines: import("../../story.js").Line[] }} properties */
export function Transcript({ lines }) {
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const follows = useRef(true);
  useLayoutEffect(() => {
    if (list.current && follows.current) list.current.scrollTop = list.current.scrollHeight;
  });
  const onScroll = ({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
    follows.current = scrollHeight - scrollTop - clientHeight < NEAR_PX;
  };
  return html`<div class="lines" ref=${list} onScroll=${onScroll} tabindex="0" role="group" aria-label="Its lines">
    <div role="log" aria-live="polite">
      ${lines.filter(({ isPartial }) => !isPartial).map((line) => html`<${Line} key=${line.id} ...${line} />`)}
    </div>
    ${lines.filter(({ isPartial }) => isPartial).map(({ text }) => html`<p class="line caller partial" aria-hidden="true">${text}</p>`)}
  </div>`;
}

/** @param {import("../../story.js").Line} line */
function Line({ who, text, unheard }) {
  return html`<p class="line ${who}">
    ${NAMES[who] && html`<span class="who">${NAMES[who]}</span>`}${text}
    ${unheard && html` <s title=${UNHEARD[who]}>${unheard}</s><span class="for-readers"> (${UNHEARD[who]})</span>`}
  </p>`;
}
