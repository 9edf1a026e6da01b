/** One campaign: how far it is, what is done with it, its files, its contacts, and what it is. */

import { Contacts } from "./contacts.js";
import { Export } from "./export.js";
import { Files } from "./files.js";
import { Status } from "./list.js";
import { Progress } from "./progress.js";
import { isMoving } from "./standing.js";
import { useAction, useFollowed } from "../loading.js";
import { agentName, useAgents } from "../parts/agents.js";
import { Confirm } from "../parts/dialog.js";
import { Failure, Loading, Needs } from "../parts/states.js";
import { instant, words } from "../parts/words.js";
import { go, writePlace } from "../router.js";
import { allows, api } from "../session.js";
import { html, useEffect, useRef, useState } from "../../vendor/ui.js";

const FOLLOWED_EVERY_MS = 2000;
const ONE = "/api/v1/campaigns/{campaign_id}";

export function Campaign({ id, query }) {
  const path = { campaign_id: id };
  const loaded = useFollowed((signal) => api().get(ONE, { path, signal }), [id], (campaign) => (isReading(campaign) ? FOLLOWED_EVERY_MS : 0));
  const isImporting = isReading(loaded.value);
  const progress = useFollowed(
    (signal) => api().get(`${ONE}/progress`, { path, signal }),
    [id],
    (value) => (isImporting || (value && isMoving(value)) ? FOLLOWED_EVERY_MS : 0),
  );
  const status = progress.value?.status;
  // It ends, or pauses, by itself: then what it is has changed too.
  useEffect(() => {
    if (status && loaded.value && status !== loaded.value.status) loaded.reload();
  }, [status]);
  // What the last rows of a file have added is told once it is read.
  const wasImporting = useRef(isImporting);
  useEffect(() => {
    if (wasImporting.current !== isImporting) progress.reload();
    wasImporting.current = isImporting;
  }, [isImporting]);
  function reload() {
    loaded.reload();
    progress.reload();
  }
  return html`<${Loading} loaded=${loaded}>
    ${(campaign) => html`
      <${Heading} campaign=${campaign} contacts=${progress.value?.contacts} onTurn=${reload} />
      <section class="card" aria-labelledby="progress">
        <h2 id="progress">Progress</h2>
        <${Loading} loaded=${progress}>${(value) => html`<${Progress} progress=${value} />`}<//>
        <div class="row">
          ${allows("runs:read") && html`<a class="button" href=${writePlace(["runs"], { campaign_id: id })}>Its runs</a>`}
          <${Export} id=${id} />
        </div>
      </section>
      <${Files} campaign=${campaign} query=${query} onSent=${reload} />
      ${progress.value && html`<${Contacts} id=${id} query=${query} count=${progress.value.contacts} isMoving=${isMoving(progress.value)} />`}
      <${Facts} campaign=${campaign} />`}
  <//>`;
}

/** Whether a file of contacts is being read. */
const isReading = (campaign) => campaign?.importing != null;

const NAMES = { start: "Start", edit: "Edit", delete: "Delete", pause: "Pause", cancel: "Cancel", resume: "Resume" };

/** What can be done with a campaign, by its status. */
const TURNS = {
  draft: ["start", "edit", "delete"],
  running: ["pause", "edit", "cancel"],
  paused: ["resume", "edit", "cancel"],
  completed: ["delete"],
  canceled: ["delete"],
};

function Heading({ campaign, contacts, onTurn }) {
  const { id, name, status, revision } = campaign;
  // As it was seen: what somebody else has made of it meanwhile is not turned unseen.
  const ifMatch = `"${revision}"`;
  const [asked, setAsked] = useState("");
  const { isBusy, error, run } = useAction();
  const path = { campaign_id: id };
  const turn = (verb) => run(async (goOn) => {
    setAsked("");
    try {
      if (verb === "delete") await api().delete(ONE, { path, ifMatch });
      else await api().post(/** @type {any} */ (`${ONE}/${verb}`), { path, ifMatch });
    } catch (failure) {
      onTurn();
      throw failure.status === 412 ? new Error(await whatItIsNow(id)) : failure;
    }
    if (verb === "delete") goOn(writePlace(["campaigns"]), { replace: true });
    else onTurn();
  });
  const act = { edit: () => go(writePlace(["campaigns", id, "edit"])), pause: () => turn("pause"), resume: () => turn("resume") };
  const button = (verb) => html`<button type="button" key=${verb} class=${["start", "resume"].includes(verb) ? "main" : ""}
    disabled=${isBusy} onClick=${act[verb] ?? (() => setAsked(verb))}>${NAMES[verb]}</button>`;
  return html`<div class="heading campaign">
      <h1>${name}</h1>
      <span role="status"><${Status} campaign=${campaign} /></span>
      ${allows("campaigns:write") && html`<div class="row">${(TURNS[status] ?? []).map(button)}</div>`}
    </div>
    <${Needs} scope="campaigns:write" />
    ${campaign.paused_reason && html`<p class="failure">It has paused itself (${words(campaign.paused_reason.replaceAll("-", "_"))}).
      Put that right, and resume it: it calls in the name of the key that does so.</p>`}
    <${Failure} error=${error} />
    ${asked && html`<${Question} verb=${asked} name=${name} contacts=${contacts} isBusy=${isBusy}
      onYes=${() => turn(asked)} onClose=${() => setAsked("")} />`}`;
}

/** Say what somebody else has made of a campaign. */
async function whatItIsNow(id) {
  const { status } = await api().get(ONE, { path: { campaign_id: id } });
  return `Somebody else has changed this campaign since you read it, and nothing was done: it is ${status} now. Look at it below, and do what you still want.`;
}

function Question({ verb, name, contacts, ...rest }) {
  if (verb === "start") {
    return html`<${Confirm} title="Start ${name}?" yes="Start calling" ...${rest}>
      <p>Its agent, as published now, calls ${contacts === 1 ? "one contact" : `${contacts ?? "its"} contacts`}, at the hours at which each may be called.</p>
    <//>`;
  }
  if (verb === "cancel") {
    return html`<${Confirm} title="Cancel ${name}?" yes="Cancel for good" ...${rest}>
      <p>It begins no call any more, and can't be resumed. Calls under way go on to their end.</p>
    <//>`;
  }
  return html`<${Confirm} title="Delete ${name}?" yes="Delete it" ...${rest}>
    <p>Its contacts and what became of them go with it. Its runs stay.</p>
  <//>`;
}

function Facts({ campaign }) {
  const agents = useAgents();
  const { max_concurrent_calls: atOnce, calls_per_minute: perMinute } = campaign;
  const shown = [
    ["Agent", html`${agentName(agents.value, campaign.agent_uuid)}${campaign.version && `, version ${campaign.version}`}`],
    ["Pace", `${atOnce} at once, ${perMinute} a minute`],
    ["Hours", hoursOf(campaign)],
    ["Hours of the contacts' countries", campaign.respects_calling_hours ? "kept" : "left aside"],
    ["Called again", retriesOf(campaign.retries)],
    ["Caller", callerOf(campaign)],
    ["Not before", instant(campaign.start_at)],
    ["Until", instant(campaign.end_at)],
    ["Numbers without a country are of", campaign.default_country],
    ["Callback", campaign.has_callback ? words(campaign.callback?.status ?? "set") : ""],
    ["Made", instant(campaign.created_at)],
    ["Started", instant(campaign.started_at)],
    ["Ended", instant(campaign.ended_at)],
    ["Id", html`<code>${campaign.id}</code>`],
  ];
  return html`<section class="card" aria-labelledby="facts">
    <h2 id="facts">What it is</h2>
    <dl class="facts">${shown.filter(([, value]) => value).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
  </section>`;
}

function hoursOf({ calling_windows: windows }) {
  if (!windows.length) return "from 9 to 20 every day, by the clock where each contact is";
  return windows.map(({ weekdays, opens, closes }) => `${weekdays.map((day) => day.slice(0, 3)).join(", ")} ${opens} to ${closes}`).join("; ");
}

function retriesOf(retries) {
  const given = Object.entries(retries).filter(([, rule]) => rule);
  return given.map(([outcome, { times, after_minutes }]) => `${words(outcome)}: ${times} times, ${after_minutes} min later`).join("; ") || "never";
}

function callerOf({ telephony_configuration_id: configuration, from_phone_number_ids: numbers }) {
  const own = numbers.length && (numbers.length === 1 ? "one number" : `${numbers.length} numbers in turns`);
  return [configuration && `configuration ${configuration}`, own].filter(Boolean).join(", ") || "the default number";
}
