/** The workflow as text: what one types there is the graph as soon as it can be read. */

import { read, write } from "./text.js";
import { Field } from "../parts/fields.js";
import { html, useState } from "../../vendor/ui.js";

/**
 * Keep a text beside its document: as it was typed while it means this document, and while it is broken.
 * @param {Record<string, any>} document
 * @param {(document: Record<string, any>) => void} onDocument
 */
export function useText(document, onDocument) {
  const [typed, setTyped] = useState(/** @type {{ text: string, fault: string, offset: number, document?: Record<string, any> } | null} */ (null));
  const isMine = typed !== null && (typed.fault !== "" || typed.document === document);
  return {
    text: isMine ? typed.text : write(document),
    fault: isMine ? typed.fault : "",
    offset: isMine ? typed.offset : 0,
    isBroken: isMine && typed.fault !== "",
    drop: () => setTyped(null),
    type(text) {
      const found = read(text);
      if ("fault" in found) {
        setTyped({ text, fault: found.fault, offset: found.offset });
        return;
      }
      setTyped({ text, fault: "", offset: 0, document: found.document });
      onDocument(found.document);
    },
  };
}

/** @param {{ text: ReturnType<typeof useText>, isFixed: boolean }} properties */
export function Text({ text, isFixed }) {
  const toFault = () => {
    const area = /** @type {HTMLTextAreaElement} */ (globalThis.document.querySelector("#json textarea"));
    area.focus();
    area.setSelectionRange(text.offset, text.offset + 1);
  };
  return html`<div id="json">
    <${Field} as="textarea" class="code" rows="28" spellcheck=${false} label="Workflow as JSON" hint="All that it holds is kept, known or not."
      disabled=${isFixed} fault=${text.fault} value=${text.text} onValue=${text.type} />
    ${text.isBroken && html`<button type="button" onClick=${toFault}>Show where</button>`}
  </div>`;
}
