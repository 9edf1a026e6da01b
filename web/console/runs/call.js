/** The call of a run: its sound, and beside it all that was said and done, each at its moment. */

import { Loading } from "../parts/states.js";
import { duration } from "../parts/words.js";
import { place, refine } from "../router.js";
import { html, useEffect, useMemo, useState } from "../../vendor/ui.js";
import { momentsOf } from "./clock.js";
import { Events } from "./events.js";
import { useEvents } from "./log.js";
import { isOver } from "./outcome.js";
import { Player } from "./player.js";
import { Sound } from "./sound.js";
import { Path, Waterfall } from "./steps.js";
import { tell } from "./telling.js";
import { Transcript } from "./transcript.js";

/** @param {{ run: import("../../types/api.js").Schemas["RunDocument"], at: string | undefined }} properties */
export function Call({ run, at }) {
  const loaded = useEvents(String(run.id), isOver(run.status));
  return html`<${Loading} loaded=${loaded}>${(events) => html`<${Told} run=${run} events=${events} at=${at} />`}<//>`;
}

function Told({ run, events, at }) {
  const player = usePlayer(at);
  const moments = useMemo(() => momentsOf(events), [events]);
  const { lines, steps, answers } = useMemo(() => tell(events, moments), [events, moments]);
  const onSeek = (seconds) => {
    player.seek(seconds, { plays: true });
    linkTo(seconds);
  };
  return html`<section class="card">
      <h2>The call</h2>
      ${run.recording_url ? html`<${Sound} id=${run.id} player=${player} lines=${lines} /><${LinkHere} player=${player} />` : html`<p class="hint">There is no recording${isOver(run.status) ? "" : " yet: it is there when the call is over"}.</p>`}
      <${Transcript} lines=${lines} player=${player} onSeek=${onSeek} />
    </section>
    <${Waterfall} answers=${answers} onSeek=${onSeek} />
    <${Path} run=${run} events=${events} steps=${steps} onSeek=${onSeek} />
    ${events.length > 0 && html`<${Events} events=${events} moments=${moments} onSeek=${onSeek} />`}`;
}

/** The player of this run, which goes where the address says: at first, and when somebody changes that. */
function usePlayer(at) {
  const player = useMemo(() => new Player(), []);
  useEffect(() => {
    const seconds = Number(at);
    // What we have written ourselves is where it was a moment ago.
    if (at && seconds >= 0 && seconds < Infinity && at !== linked) player.seek(seconds);
    linked = "";
  }, [at]);
  return player;
}

let linked = "";

/** Have the address name a moment. */
function linkTo(seconds) {
  linked = String(Math.round(seconds * 10) / 10);
  if (place.value.query.at === linked) linked = "";
  else refine({ at: linked });
}

function LinkHere({ player }) {
  const [said, setSaid] = useState("");
  const copy = async () => {
    linkTo(player.position.value);
    const where = duration(player.position.value);
    // Only a page that is safe may write to the clipboard.
    const isCopied = await (navigator.clipboard?.writeText(location.href) ?? Promise.reject()).then(() => true, () => false);
    setSaid(isCopied ? `The link to ${where} is copied.` : `The address of this page is now the link to ${where}.`);
  };
  return html`<div class="row">
    <button type="button" onClick=${copy}>Copy link to this instant</button>
    <span class="aside" role="status">${said}</span>
  </div>`;
}
