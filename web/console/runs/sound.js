/** The sound of a run: both tracks as a waveform, and the browser's own player below it. */

import { useLoaded } from "../loading.js";
import { Failure } from "../parts/states.js";
import { duration } from "../parts/words.js";
import { api } from "../session.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../../vendor/ui.js";
import { bars } from "./bars.js";

/** @typedef {import("../../types/api.js").Schemas["PeaksDocument"]} Peaks */
/** @typedef {import("./player.js").Player} Player */

const STEP_SECONDS = 5;
const PAGE_SECONDS = 30;
const BAR_PX = 3;

/** @param {{ id: string, player: Player, lines: import("./telling.js").Line[] }} properties */
export function Sound({ id, player, lines }) {
  const path = { workflow_run_id: id };
  const link = useLoaded((signal) => api().get("/api/v1/runs/{workflow_run_id}/recording", { path, signal }), [id]);
  const peaks = useLoaded((signal) => api().get("/api/v1/runs/{workflow_run_id}/peaks", { path, signal }).catch(noneIfMissing), [id]);
  return html`<div class="sound">
    ${peaks.value && html`<${Waveform} peaks=${peaks.value} player=${player} lines=${lines} />`}
    ${link.value && html`<${Failure} error=${peaks.error} again=${peaks.reload} />
      <${Audio} key=${link.value.url} link=${link.value} player=${player} renew=${link.reload} />`}
    <${Failure} error=${link.error} again=${link.reload} />
  </div>`;
}

function noneIfMissing(error) {
  if (error.status === 404) return null;
  throw error;
}

/** The player of one link; when that has expired, another one is asked for, whose player goes on where this one was. */
function Audio({ link: { url, expires_at: expiresAt }, player, renew }) {
  const audio = useRef(/** @type {HTMLAudioElement | null} */ (null));
  const [isBroken, setBroken] = useState(false);
  // Before the browser tells that the former element has stopped.
  useLayoutEffect(() => (audio.current ? player.attach(audio.current) : undefined), []);
  const onError = () => {
    if (Date.parse(expiresAt) < Date.now()) renew();
    else setBroken(true);
  };
  return html`<audio ref=${audio} controls preload="metadata" src=${url} aria-label="Recording" onError=${onError} onLoadedMetadata=${() => setBroken(false)}></audio>
    ${isBroken && html`<${Failure} error=${{ message: "The browser could not load the recording from the install's bucket." }} again=${renew} />`}`;
}

/** Both tracks, the caller's above and the agent's below; a slider for the keyboard and the finger. */
function Waveform({ peaks, player, lines }) {
  const { duration_seconds: whole } = peaks;
  const seekTo = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    player.seek((whole * (event.clientX - box.left)) / box.width);
  };
  const onPointerDown = (event) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    seekTo(event);
  };
  const onPointerMove = (event) => event.currentTarget.hasPointerCapture(event.pointerId) && seekTo(event);
  return html`<div class="waveform" onPointerDown=${onPointerDown} onPointerMove=${onPointerMove}>
      <${Tracks} peaks=${peaks} />
      ${lines.map(({ id, cut }) => cut && html`<span key=${id} class="cut" title="Cut off by ${cut.by}" style=${{ left: `${(100 * cut.seconds) / whole}%` }}></span>`)}
      <${Playhead} player=${player} whole=${whole} />
    </div>
    <p class="hint legend"><span class="caller">above: caller</span> <span class="agent">below: agent</span></p>`;
}

/** Where it is: the only part that is shown anew while it plays. */
function Playhead({ player, whole }) {
  const position = player.position.value;
  const keys = keysOf(player, whole);
  const onKeyDown = (event) => {
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  return html`<div class="playhead" role="slider" tabindex="0" aria-label="Position in the recording" aria-valuemin="0"
      aria-valuemax=${whole} aria-valuenow=${position.toFixed(1)} aria-valuetext="${duration(position)} of ${duration(whole)}" onKeyDown=${onKeyDown}>
    <span style=${{ left: `${Math.min(100, (100 * position) / whole)}%` }}></span>
  </div>`;
}

function keysOf(player, whole) {
  const by = (seconds) => () => player.seek(Math.min(whole, player.position.value + seconds));
  return {
    " ": () => player.toggle(),
    ArrowLeft: by(-STEP_SECONDS),
    ArrowDown: by(-STEP_SECONDS),
    ArrowRight: by(STEP_SECONDS),
    ArrowUp: by(STEP_SECONDS),
    PageDown: by(-PAGE_SECONDS),
    PageUp: by(PAGE_SECONDS),
    Home: () => player.seek(0),
    End: () => player.seek(whole),
  };
}

function Tracks({ peaks }) {
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  useEffect(() => {
    const element = canvas.current;
    if (!element) return undefined;
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const drawn = () => draw(element, peaks);
    const observer = new ResizeObserver(drawn);
    observer.observe(element);
    scheme.addEventListener("change", drawn);
    return () => {
      observer.disconnect();
      scheme.removeEventListener("change", drawn);
    };
  }, [peaks]);
  return html`<canvas ref=${canvas} aria-hidden="true"></canvas>`;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Peaks} peaks
 */
function draw(canvas, { tracks }) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const pen = canvas.getContext("2d");
  if (!pen || !width) return;
  canvas.width = width * devicePixelRatio;
  canvas.height = height * devicePixelRatio;
  pen.scale(devicePixelRatio, devicePixelRatio);
  const colours = getComputedStyle(canvas);
  const middle = height / 2;
  const count = Math.floor(width / BAR_PX);
  for (const [track, name, direction] of /** @type {const} */ ([["caller", "--sound-caller", -1], ["agent", "--sound-agent", 1]])) {
    pen.fillStyle = colours.getPropertyValue(name);
    bars(tracks[track], count).forEach((loudness, index) => {
      // Quiet speech is seen too: the ear goes by the logarithm.
      const length = Math.max(0.5, Math.sqrt(loudness) * (middle - 2));
      pen.fillRect((index * width) / count, direction < 0 ? middle - 0.5 - length : middle + 0.5, BAR_PX - 1, length);
    });
  }
}
