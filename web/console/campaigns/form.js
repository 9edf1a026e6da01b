/** What a campaign is, as a form: of a new one, and of an edit. */

import { bodyOf, draftOf, editOf, emptyDraft, newWindow, OUTCOMES, WEEKDAYS } from "./draft.js";
import { useAction, useLoaded } from "../loading.js";
import { AgentField } from "../parts/agents.js";
import { faultAt } from "../parts/faults.js";
import { Field, Form } from "../parts/fields.js";
import { useQuestion } from "../parts/form.js";
import { Failure, Loading, Needs } from "../parts/states.js";
import { words } from "../parts/words.js";
import { writePlace } from "../router.js";
import { allows, api } from "../session.js";
import { wholeList } from "../whole_list.js";
import { html, useState } from "../../vendor/ui.js";

const ONE = "/api/v1/campaigns/{campaign_id}";

export function New() {
  const [draft, setDraft] = useState(emptyDraft);
  const { isBusy, error, run } = useAction();
  const create = () => run(async (go) => {
    const { id } = await api().post("/api/v1/campaigns", { body: bodyOf(draft) });
    go(writePlace(["campaigns", id]), { replace: true });
  });
  return html`<h1>New campaign</h1>
    <${Needs} scope="campaigns:write">
      <${Fields} draft=${draft} onDraft=${setDraft} send="Make the campaign" onSend=${create} isBusy=${isBusy} error=${error} />
    <//>`;
}

export function Edit({ id }) {
  const path = { campaign_id: id };
  const loaded = useLoaded((signal) => api().tagged(ONE, { path, signal }), [id]);
  return html`<h1>Edit a campaign</h1>
    <${Needs} scope="campaigns:write">
      <${Loading} loaded=${loaded}>
        ${({ document, etag }) => html`<${Editor} key=${etag || document.updated_at} campaign=${document} etag=${etag} onTheirs=${loaded.reload} />`}
      <//>
    <//>`;
}

function Editor({ campaign, etag, onTheirs }) {
  const [draft, setDraft] = useState(() => draftOf(campaign));
  const [callbackFault, setCallbackFault] = useState("");
  const { isBusy, error, run } = useAction();
  const save = (ifMatch) => run(async (go) => {
    const { method, body, losesCallback } = editOf(campaign, draft);
    setCallbackFault(losesCallback ? "Name the callback's address again: what was cleared is saved with all of the campaign, and this address is never shown." : "");
    if (losesCallback) return;
    await /** @type {any} */ (api())[method](ONE, { path: { campaign_id: campaign.id }, body, ifMatch });
    go(writePlace(["campaigns", campaign.id]), { replace: true });
  });
  return html`
    <${Fields} draft=${draft} onDraft=${setDraft} send="Save" onSend=${() => save(etag)} isBusy=${isBusy} error=${error}
      callbackFault=${callbackFault} isStarted=${campaign.started_at !== null} hasCallback=${campaign.has_callback} />
    ${/** @type {any} */ (error)?.status === 412 && html`<div class="failure" role="alert">
      <p>Somebody else has edited the campaign meanwhile. Yours is still in the form: what you have changed can be saved over theirs.</p>
      <div class="row">
        <button type="button" onClick=${onTheirs}>Take theirs</button>
        <button type="button" onClick=${() => save("")}>Save mine over it</button>
      </div>
    </div>`}`;
}

/**
 * The form itself.
 * @param {{ draft: import("./draft.js").Draft, onDraft: (change: (draft: import("./draft.js").Draft) => import("./draft.js").Draft) => void, send: string,
 *   onSend: () => void, isBusy: boolean, error: Error | null, callbackFault?: string, isStarted?: boolean, hasCallback?: boolean }} properties
 */
function Fields({ draft, onDraft, send, onSend, isBusy, error, callbackFault = "", isStarted = false, hasCallback = false }) {
  const [isFilledIn, setFilledIn] = useState(false);
  useQuestion(isFilledIn);
  /** @param {Partial<import("./draft.js").Draft>} changes */
  const change = (changes) => {
    setFilledIn(true);
    onDraft((before) => ({ ...before, ...changes }));
  };
  /** @param {Exclude<keyof import("./draft.js").Draft, "retries" | "calling_windows" | "from_phone_number_ids">} name */
  const bound = (name) => ({ value: draft[name], fault: faultAt(error, name), onValue: (value) => change({ [name]: value }) });
  return html`<${Form} class="card" send=${send} onSend=${onSend} isBusy=${isBusy}>
    <${Field} label="Name" required maxlength="100" ...${bound("name")} />
    <${AgentField} label="Agent" required disabled=${isStarted} ...${bound("agent_uuid")} lacks=${({ published_version: version }) => (version ? "" : "not published")}
      hint=${isStarted ? "It has called people with this agent: another one needs another campaign." : "Only what is published can call."} />
    <${Caller} draft=${draft} change=${change} error=${error} />
    <fieldset>
      <legend>Pace</legend>
      <div class="columns">
        <${Field} label="At once, at most" type="number" min="1" max="1000" required ...${bound("max_concurrent_calls")} />
        <${Field} label="Begun in a minute, at most" type="number" min="1" max="6000" required ...${bound("calls_per_minute")} />
      </div>
    </fieldset>
    <${Windows} windows=${draft.calling_windows} onWindows=${(calling_windows) => change({ calling_windows })} error=${error} />
    <${Field} label="Keep the calling hours of the contacts' countries" type="checkbox" checked=${draft.respects_calling_hours}
      onValue=${(respects_calling_hours) => change({ respects_calling_hours })} hint="Leave them aside only where you may." />
    <${Retries} retries=${draft.retries} onRetries=${(retries) => change({ retries })} error=${error} />
    <fieldset>
      <legend>From and until</legend>
      <div class="columns">
        <${Field} label="Nobody is called before" type="datetime-local" ...${bound("start_at")} hint="By your own clock. Empty: as soon as it is started." />
        <${Field} label="Nobody is called from then on" type="datetime-local" ...${bound("end_at")} hint="Empty: until all are done." />
      </div>
    </fieldset>
    <div class="columns">
      <${Field} label="Country of numbers without one" maxlength="2" pattern="[A-Za-z]{2}" ...${bound("default_country")} hint="Two letters, such as US or DE." />
      <${Field} label="Callback's address" type="url" maxlength="2000" ...${bound("callback_url")} fault=${callbackFault || faultAt(error, "callback_url")}
        hint=${hasCallback ? "One is set, and never shown. Empty: it stays." : "Where the end of each run is posted, and that of the campaign."} />
    </div>
    <${Failure} error=${error} />
  <//>`;
}

function Caller({ draft, change, error }) {
  const mayRead = allows("telephony:read");
  const configuration = draft.telephony_configuration_id;
  const loaded = useLoaded(async (signal) => (mayRead ? wholeList("/api/v1/telephony-configurations", { signal }) : []), []);
  const configurations = loaded.value ?? [];
  const shown = configuration || configurations.find(({ is_default }) => is_default)?.id || "";
  const numbers = useLoaded(async (signal) => {
    if (!shown) return [];
    return wholeList("/api/v1/telephony-configurations/{configuration_id}/phone-numbers", { path: { configuration_id: shown }, signal });
  }, [shown]);
  const chosen = draft.from_phone_number_ids;
  const toggle = (id, isChosen) => change({ from_phone_number_ids: isChosen ? [...chosen, id] : chosen.filter((each) => each !== id) });
  return html`<fieldset>
    <legend>Caller</legend>
    <${Needs} scope="telephony:read">
      <${Field} label="Telephony configuration" as="select" value=${configuration} fault=${faultAt(error, "telephony_configuration_id")}
        onValue=${(id) => change({ telephony_configuration_id: id, from_phone_number_ids: [] })}>
        <option value="">the default one</option>
        ${configurations.map(({ id, name }) => html`<option value=${id} selected=${id === configuration}>${name}</option>`)}
      <//>
      <p class="hint">Numbers that call, in turns. None chosen: the default one.</p>
      ${(numbers.value ?? []).map(({ id, address, label }) => html`<${Field} key=${id} label=${label ? `${address} (${label})` : address} type="checkbox"
        checked=${chosen.includes(id)} onValue=${(isChosen) => toggle(id, isChosen)} />`)}
      <${Failure} error=${loaded.error ?? numbers.error} />
      <p class="fault">${faultAt(error, "from_phone_number_ids")}</p>
    <//>
  </fieldset>`;
}

function Windows({ windows, onWindows, error }) {
  const put = (index, changes) => onWindows(windows.map((window, at) => (at === index ? { ...window, ...changes } : window)));
  return html`<fieldset>
    <legend>Hours</legend>
    <p class="hint">By the clock where each contact is. Without any: from 9 to 20 every day, as far as the country allows.</p>
    ${windows.map(({ weekdays, opens, closes }, index) => html`<div class="window" role="group" aria-label="Window ${index + 1}">
      <div class="days">
        ${WEEKDAYS.map((day) => html`<${Field} key=${day} label=${day.slice(0, 3)} type="checkbox" checked=${weekdays.includes(day)}
          onValue=${(isOn) => put(index, { weekdays: isOn ? [...weekdays, day] : weekdays.filter((each) => each !== day) })} />`)}
      </div>
      <${Field} label="Opens" type="time" required value=${opens} onValue=${(value) => put(index, { opens: value })} />
      <${Field} label="Closes (00:00 is midnight)" type="time" required value=${closes} onValue=${(value) => put(index, { closes: value })} />
      <button type="button" onClick=${() => onWindows(windows.filter((_, at) => at !== index))}>Remove</button>
      <p class="fault">${faultAt(error, "calling_windows", index)}</p>
    </div>`)}
    <button type="button" disabled=${windows.length >= 21} onClick=${() => onWindows([...windows, newWindow()])}>Add hours</button>
  </fieldset>`;
}

function Retries({ retries, onRetries, error }) {
  const put = (outcome, changes) => onRetries({ ...retries, [outcome]: { ...retries[outcome], ...changes } });
  return html`<fieldset>
    <legend>Calling again</legend>
    <div class="retries">
      ${OUTCOMES.map((outcome) => html`<div key=${outcome} role="group" aria-label=${words(outcome)}>
        <${Field} label="${words(outcome)}: times" type="number" min="0" max="10" required value=${retries[outcome].times}
          fault=${faultAt(error, "retries", outcome)} onValue=${(times) => put(outcome, { times })} />
        <${Field} label="Minutes later" type="number" min="0" max="10080" required value=${retries[outcome].after_minutes}
          disabled=${!Number(retries[outcome].times)} onValue=${(after_minutes) => put(outcome, { after_minutes })} />
      </div>`)}
    </div>
  </fieldset>`;
}
