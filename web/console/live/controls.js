/** What one can do to a call that goes on. */

import { useAction } from "../loading.js";
import { Confirm } from "../parts/dialog.js";
import { Field, Form } from "../parts/fields.js";
import { Failure } from "../parts/states.js";
import { allows } from "../session.js";
import { html, useEffect, useState } from "../../vendor/ui.js";

/** @typedef {import("./watching.js").Watching} Watching */

const MOST_CHARACTERS = 4000;
const KEYS = "[0-9*#A-Da-d]{1,32}";

/** Listens in, and tells who is heard. @param {Pick<Watching, "isHeard" | "sounding"> & { watching: Watching }} properties */
export function Listen({ watching, isHeard, sounding }) {
  const { isBusy, error, run } = useAction();
  const isOn = isHeard !== null;
  const act = () => run(() => (isOn ? watching.stopListening() : watching.listen()));
  return html`<button type="button" aria-pressed=${String(isOn)} disabled=${isBusy} onClick=${act}>Listen</button>
    ${isOn && html`<p class="voices">
      ${isHeard ? html`<${Voice} name="Caller" sounds=${sounding.caller} /><${Voice} name="Agent" sounds=${sounding.agent} />` : "No sound comes yet"}
    </p>`}
    <${Failure} error=${error} />`;
}

function Voice({ name, sounds }) {
  return html`<span class=${sounds ? "voice sounds" : "voice"}><span class="dot" aria-hidden="true"></span> ${name}</span>`;
}

/** Ends the call, once that is meant. @param {{ watching: Watching }} properties */
export function HangUp({ watching }) {
  const [isAsked, setAsked] = useState(false);
  const { isBusy, error, run } = useAction();
  const mayNot = !allows("streaming-sessions:write");
  const title = mayNot ? "Your API key lacks the scope streaming-sessions:write." : undefined;
  const onYes = async () => {
    await run(() => watching.hangUp());
    setAsked(false);
  };
  return html`<button type="button" class="danger" disabled=${mayNot} title=${title} onClick=${() => setAsked(true)}>Hang up</button>
    ${isAsked && html`<${Confirm} title="Hang up?" yes="Hang up" isBusy=${isBusy} onYes=${onYes} onClose=${() => setAsked(false)}>
      <p>The call ends at once, in the middle of whatever is said.</p>
    <//>`}
    <${Failure} error=${error} />`;
}

/** Puts words into the call. @param {{ watching: Watching }} properties */
export function StepIn({ watching }) {
  const [text, setText] = useState("");
  const [role, setRole] = useState("assistant");
  const [interrupt, setInterrupt] = useState(false);
  const [isTaken, setTaken] = useState(false);
  const { isBusy, error, run } = useAction();
  const send = async () => {
    setTaken(false);
    if (!(await run(() => watching.ask("inject", { text, role, interrupt })))) return;
    setText("");
    setTaken(true);
  };
  return html`<${Form} send="Send" isBusy=${isBusy} onSend=${send}>
    <${Field} label="Step in" as="textarea" rows="2" required maxlength=${MOST_CHARACTERS} value=${text} onValue=${setText} />
    <div class="row">
      <${Field} label="as" as="select" value=${role} onValue=${setRole}>
        <option value="assistant">words of the agent</option>
        <option value="user">words of the caller</option>
        <option value="system">an instruction to the agent</option>
      <//>
      <${Field} label="at once" type="checkbox" checked=${interrupt} onValue=${setInterrupt} />
    </div>
    <p class="hint" role="status">${isTaken ? "The agent has it." : ""}</p>
    <${Failure} error=${error} />
  <//>`;
}

/**
 * Directs the agent: what it heeds, whether it speaks, and the keys of the telephone.
 * @param {{ watching: Watching, isMuted: boolean, instructions: string }} properties
 */
export function Direct({ watching, isMuted, instructions }) {
  const { isBusy, error, run } = useAction();
  const ask = (type, data) => run(() => watching.ask(type, data));
  return html`<section class="card" aria-labelledby="direct">
    <h2 id="direct">Direct the agent</h2>
    <div class="row">
      <button type="button" disabled=${isBusy} onClick=${() => ask("interrupt")}>Interrupt</button>
      <button type="button" aria-pressed=${String(isMuted)} disabled=${isBusy} onClick=${() => ask("steer", { mute: !isMuted })}>Mute</button>
    </div>
    <${Steer} instructions=${instructions} isBusy=${isBusy} ask=${ask} />
    <${Keys} isBusy=${isBusy} ask=${ask} />
    <${Failure} error=${error} />
  </section>`;
}

function Steer({ instructions, isBusy, ask }) {
  const [text, setText] = useState(instructions);
  // Somebody else may direct the same call.
  useEffect(() => setText(instructions), [instructions]);
  return html`<${Form} send="Have it heeded" isBusy=${isBusy} onSend=${() => ask("steer", { instructions: text })}>
    <${Field} label="What it heeds from now on" as="textarea" rows="2" maxlength=${MOST_CHARACTERS} value=${text} onValue=${setText}
      hint="The language model is told this beside the workflow; empty ends it." />
  <//>`;
}

function Keys({ isBusy, ask }) {
  const [digits, setDigits] = useState("");
  const send = async () => {
    if (await ask("dtmf", { digits: digits.toUpperCase() })) setDigits("");
  };
  return html`<${Form} class="keys" send="Press" isBusy=${isBusy} onSend=${send}>
    <${Field} label="Keys, as the caller would press them" required pattern=${KEYS} inputmode="tel" title="0 to 9, *, # and A to D" value=${digits} onValue=${setDigits} />
  <//>`;
}
