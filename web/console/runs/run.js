/** One run: the call with its sound, words, steps and times, and what is known of it. */

import { ApiError } from "../../api.js";
import { useFollowed, useLoaded } from "../loading.js";
import { agentName, useAgents } from "../parts/agents.js";
import { Failure, Loading } from "../parts/states.js";
import { instant } from "../parts/words.js";
import { writePlace } from "../router.js";
import { api } from "../session.js";
import { html } from "../../vendor/ui.js";
import { Actions } from "./actions.js";
import { Call } from "./call.js";
import { Contexts, Cost, Deliveries, Facts, Review } from "./facts.js";
import { filtersOf } from "./filters.js";
import { isOver, Outcome } from "./outcome.js";
import { otherOf } from "./people.js";

/** @typedef {import("../../types/api.js").Schemas["RunDocument"]} RunDocument */

const LIVE_MS = 3000;
const OWED_MS = 10_000;

/** @param {{ id: string, query: Record<string, string> }} properties */
export function Run({ id, query }) {
  const filters = filtersOf(query);
  // Again and again, while it goes on or something follows it.
  const loaded = useFollowed((signal) => readRun(id, signal), [id], (run) => (run ? paceOf(run) : LIVE_MS));
  const agents = useAgents();
  const isMissing = loaded.error instanceof ApiError && loaded.error.status === 404;
  return html`<div class="run">
    <${Beside} id=${id} filters=${filters} isThere=${loaded.value !== undefined} />
    ${isMissing
      ? html`<h1>Not found</h1><${Failure} error=${loaded.error} />`
      : html`<${Loading} loaded=${loaded}>
          ${(run) => html`<${Head} run=${run} />
            <${Actions} run=${run} filters=${filters} reload=${loaded.reload} />
            <div class="columns">
              <div><${Call} run=${run} at=${query.at} /></div>
              <div>
                <${Facts} run=${run} agent=${agentName(agents.value, run.agent_uuid)} />
                <${Contexts} run=${run} />
                <${Review} run=${run} />
                <${Cost} run=${run} />
                <${Deliveries} run=${run} />
              </div>
            </div>`}
        <//>`}
  </div>`;
}

/** The way back to the list, and to the runs beside this one in it. */
function Beside({ id, filters, isThere }) {
  const { value } = useLoaded(
    (signal) => isThere ? api().get("/api/v1/runs/{workflow_run_id}/neighbours", { path: { workflow_run_id: id }, query: filters, signal }) : Promise.resolve(null),
    [id, isThere, JSON.stringify(filters)],
  );
  const to = (run, name) => run && html`<a href=${writePlace(["runs", run], filters)}>${name}</a>`;
  return html`<nav class="row beside" aria-label="Other runs">
    <a href=${writePlace(["runs"], filters)}>All runs${Object.keys(filters).length ? " of this list" : ""}</a>
    ${to(value?.newer, "Newer run")} ${to(value?.older, "Older run")}
  </nav>`;
}

async function readRun(id, signal) {
  if (!/^[1-9]\d{0,15}$/.test(id)) throw new ApiError(404, "There is no run with this id: an id is a whole number.");
  return api().get("/api/v1/runs/{workflow_run_id}", { path: { workflow_run_id: id }, signal });
}

/** @param {RunDocument} run */
function paceOf({ status, review, callback, webhooks = [] }) {
  if (!isOver(status)) return LIVE_MS;
  return [review, callback, ...webhooks].some((owed) => owed?.status === "pending") ? OWED_MS : 0;
}

/** @param {{ run: RunDocument }} properties */
function Head({ run }) {
  return html`<div class="heading">
      <h1>${otherOf(run)} <span class="aside">${instant(run.created_at)}</span></h1>
      <${Outcome} run=${run} />
    </div>
    ${run.failure && html`<${Failure} error=${{ message: run.failure.message }} />`}`;
}
