/** One call while it goes on: what is said, where it is, and what one can do about it. */

import { useFollowed } from "../loading.js";
import { Failure, Loading, Needs } from "../parts/states.js";
import { dollars, duration, words } from "../parts/words.js";
import { writePlace } from "../router.js";
import { Story } from "../../story.js";
import { allows, api } from "../session.js";
import { html, useEffect, useRef, useState } from "../../vendor/ui.js";
import { useAgents } from "./agents.js";
import { useNow } from "./clock.js";
import { Direct, HangUp, Listen, StepIn } from "./controls.js";
import { Answers, Tools } from "./measured.js";
import { isOver, secondsOf, standing, wayOf, whoOf, workflowOf } from "./sessions.js";
import { Transcript } from "./transcript.js";
import { PutThrough } from "./transfer.js";
import { Watching } from "./watching.js";

/** @typedef {import("./sessions.js").Session} Session */

// Cost and status; all else comes by the socket.
const EVERY_MS = 5000;
const NOTHING = new Story();
const STATES = { connecting: "Connecting …", watching: "", again: "Connection lost, trying again …", over: "Over" };

/** @param {{ id: string }} properties */
export function LiveCall({ id }) {
  const [isEnded, setEnded] = useState(false);
  const read = (signal) => api().get("/api/v1/streaming-sessions/{session_id}", { path: { session_id: id }, signal });
  const loaded = useFollowed(read, [id], isEnded ? 0 : EVERY_MS);
  const isOverNow = loaded.value !== undefined && isOver(loaded.value);
  useEffect(() => setEnded(isOverNow), [isOverNow]);
  return html`<${Loading} loaded=${loaded}>${(session) => html`<${Shown} session=${session} reload=${loaded.reload} />`}<//>`;
}

/** @param {{ session: Session, reload: () => void }} properties */
function Shown({ session, reload }) {
  const watching = useWatching(session);
  const state = watching?.state ?? (isOver(session) ? "over" : "connecting");
  useEffect(() => {
    // How it ended stands in the session, too.
    if (watching?.state === "over") reload();
  }, [watching?.state]);
  const isLive = watching !== null && state !== "over";
  // What changes is handed on as new values: whoever is shown by signals passes over what is the same object.
  const { lines, answers, tools, node, gathered, steered, transfer } = watching?.story ?? NOTHING;
  return html`<${Head} session=${session} watching=${isLive ? watching : null} state=${state} isHeard=${watching?.isHeard} sounding=${watching?.sounding} transfer=${transfer} />
    ${state === "over" && html`<${Over} session=${session} watching=${watching} />`}
    ${watching && html`<div class="watch">
      <section class="card talk" aria-labelledby="said">
        <h2 id="said">What is said</h2>
        <${Transcript} lines=${[...lines.values()]} />
        ${isLive && html`<${Needs} scope="streaming-sessions:write"><${StepIn} watching=${watching} /><//>`}
      </section>
      <div class="side">
        <${Facts} session=${session} node=${node} gathered=${[...gathered]} />
        ${isLive && allows("streaming-sessions:write") && html`<${Direct} watching=${watching} ...${steered} />`}
        <${Answers} answers=${answers.toReversed()} />
        <${Tools} tools=${[...tools]} />
      </div>
    </div>`}`;
}

/**
 * Watch a session from now on, while it lives; the page is shown again at most once a frame.
 * @param {Session} session
 * @returns {Watching | null}
 */
function useWatching({ session_id: id, ws_token: token }) {
  const [watching, setWatching] = useState(/** @type {Watching | null} */ (null));
  const [, setRound] = useState(0);
  useEffect(() => {
    if (!token) return undefined;
    let isAwaited = false;
    const made = new Watching(api(), id, () => {
      if (isAwaited) return;
      isAwaited = true;
      requestAnimationFrame(() => {
        isAwaited = false;
        setRound((round) => round + 1);
      });
    });
    made.begin(token);
    setWatching(made);
    return () => made.close();
  }, [id]);
  return watching;
}

/** @param {{ session: Session, watching: Watching | null, state: keyof typeof STATES, transfer: Story["transfer"], isHeard?: boolean | null, sounding?: Watching["sounding"] }} properties */
function Head({ session, watching, state, transfer, ...heard }) {
  const now = useNow(state !== "over");
  const talking = workflowOf(session);
  const { nameOf, destinationsOf } = useAgents([session.workflow_id, talking]);
  const agent = nameOf(session.workflow_id);
  // A browser's line knows no carrier that could put anybody through.
  const mayTransfer = session.direction !== "web" && allows("streaming-sessions:write");
  const seconds = secondsOf(session, session.ended_at ? Date.parse(session.ended_at) : now);
  return html`<div class="heading">
    <h1><a href=${writePlace(["live"])}>Live</a> <span aria-hidden="true">›</span> ${agent}, ${whoOf(session)}</h1>
    <p class="count" role="status">${STATES[state] || standing(session)}</p>
    <p class="count" role="timer" aria-label="How long the call has been going on">${duration(seconds)}</p>
    ${watching && html`<${Listen} watching=${watching} ...${heard} />`}
    ${watching && mayTransfer && html`<${PutThrough} watching=${watching} transfer=${transfer} destinations=${destinationsOf(talking)} />`}
    ${watching && html`<${HangUp} watching=${watching} />`}
  </div>`;
}

/** @param {{ session: Session, watching: Watching | null }} properties */
function Over({ session, watching }) {
  const title = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => title.current?.focus(), []);
  const end = watching?.story.end;
  const reason = end?.reason ?? session.end_reason;
  const outcome = end?.disposition ?? session.disposition;
  const how = [words(reason), outcome && `outcome: ${words(outcome)}`].filter(Boolean).join(" · ");
  // The socket may be given up while the call goes on, which its session says.
  const isEnded = Boolean(end) || isOver(session);
  return html`<section class="card over" aria-labelledby="over">
    <h2 id="over" ref=${title} tabindex="-1">${isEnded ? "The call is over" : "The call goes on, and is not watched any more: reload the page"}</h2>
    ${how && html`<p>${how}</p>`}
    ${watching?.sentence && html`<${Failure} error=${{ message: watching.sentence }} />`}
    <p><a href=${writePlace(["runs", session.workflow_run_id])}>See its run</a></p>
  </section>`;
}

/** @param {{ session: Session, node: string, gathered: [string, any][] }} properties */
function Facts({ session, node, gathered }) {
  const workflow = workflowOf(session);
  const agents = useAgents([workflow]);
  // Once the call is over its session tells no cost any more, and its run tells all of it.
  const cost = useRef(/** @type {number | undefined} */ (undefined));
  cost.current = session.moment?.cost_usd ?? cost.current;
  const facts = [
    ["Agent", agents.nameOf(workflow)],
    ["Who", `${whoOf(session)}, ${wayOf(session)}`],
    ["Node", agents.nodeOf(workflow, node)],
    ["Cost so far", dollars(cost.current)],
    ...gathered,
  ];
  return html`<section class="card" aria-labelledby="where">
    <h2 id="where">Where it is</h2>
    <dl>
      ${facts.filter(([, value]) => value !== "").map(([name, value]) => html`<dt>${name}</dt><dd>${textOf(value)}</dd>`)}
    </dl>
  </section>`;
}

const textOf = (value) => (typeof value === "string" ? value : JSON.stringify(value));
