/** The calls of now: who talks with whom, since when, where, and what was said last. */

import { useFollowed } from "../loading.js";
import { Pages, Table } from "../parts/lists.js";
import { Empty, Loading } from "../parts/states.js";
import { dollars, duration } from "../parts/words.js";
import { refine, writePlace } from "../router.js";
import { api } from "../session.js";
import { html } from "../../vendor/ui.js";
import { useAgents } from "./agents.js";
import { useNow } from "./clock.js";
import { secondsOf, standing, wayOf, whoOf, workflowOf } from "./sessions.js";

/** @typedef {import("./sessions.js").Session} Session */

const EVERY_MS = 2500;
const LIMIT = 50;
// Where the API stops counting.
const MOST_COUNTED = 1000;
const NAMES = { caller: "Caller", agent: "Agent", operator: "Operator" };
const COLUMNS = ["Agent", "Who", "For", "Node", "Last line", "Cost so far"];

/** @param {{ offset: number }} properties */
export function LiveCalls({ offset }) {
  const loaded = useFollowed((signal) => read(offset, signal), [offset], EVERY_MS);
  return html`<div class="heading">
      <h1>Calls now</h1>
      <${Count} count=${loaded.value?.count} />
    </div>
    <${Loading} loaded=${loaded}>${(page) => html`<${Calls} page=${page} offset=${offset} />`}<//>`;
}

function read(offset, signal) {
  const query = { status: "active", waiting: false, limit: LIMIT, offset };
  return api().get("/api/v1/streaming-sessions", { query, signal });
}

function Count({ count }) {
  if (!count) return null;
  return html`<p class="count">${count >= MOST_COUNTED ? "1,000 or more" : count}</p>`;
}

function Calls({ page: { items, count }, offset }) {
  const now = useNow(items.length > 0);
  const agents = useAgents(items.map(workflowOf));
  if (!items.length && !offset) {
    return html`<${Empty}>Nobody is on the phone now. <a href="/call">Talk to an agent</a> in this browser, or have one call somebody.<//>`;
  }
  // Some have ended since the page before was read.
  if (!items.length) return html`<${Empty}>There are fewer calls now. <a href=${writePlace(["live"])}>See them from the first one on</a>.<//>`;
  const next = offset + LIMIT < count ? String(offset + LIMIT) : null;
  return html`<${Table} label="Calls now" columns=${COLUMNS}>
      ${items.map((session) => html`<${Row} key=${session.session_id} session=${session} now=${now} agents=${agents} />`)}
    <//>
    <${Pages} cursor=${offset ? String(offset) : ""} next=${next} onGo=${(to) => refine({ offset: to }, { replace: false })} />`;
}

/** @param {{ session: Session, now: number, agents: ReturnType<typeof useAgents> }} properties */
function Row({ session, now, agents }) {
  const { moment } = session;
  const workflow = workflowOf(session);
  return html`<tr>
    <td><a href=${writePlace(["live", session.session_id])}>${agents.nameOf(workflow)}</a></td>
    <td>${whoOf(session)} <span class="aside">${wayOf(session)}</span></td>
    <td class="number">${duration(secondsOf(session, now))} <span class="aside">${standing(session)}</span></td>
    <td>${agents.nodeOf(workflow, moment?.node_id)}</td>
    <td class="said">${moment?.text && html`<${LastLine} moment=${moment} />`}</td>
    <td class="number">${dollars(moment?.cost_usd)}</td>
  </tr>`;
}

function LastLine({ moment: { speaker, text } }) {
  return html`<span class="aside">${NAMES[speaker] ?? speaker}:</span> ${text}`;
}
