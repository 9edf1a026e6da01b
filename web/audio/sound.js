/** A call's sound in the browser: the microphone, the loudspeaker, and the two worklets that stand between them and us. */

import { INTERRUPTED, microphoneSentence, Obstacle, obstacleOf, SUSPENDED, UNPLUGGED } from "./obstacles.js";

// Whether a browser lets a page sound shows at once; a slow machine may take a moment to open the device.
const RUNNING_LIMIT_MS = 3000;

const MICROPHONE = {
  audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
};

/**
 * @typedef {object} Hearing what a `Sound` tells
 * @property {(chunk: ArrayBuffer) => void} chunk 20 ms of the microphone, mu-law at 8000 Hz
 * @property {(level: number) => void} level how loud the microphone is, from 0 to 1
 * @property {(name: string) => void} played a mark was heard
 * @property {(who: "caller" | "agent", sounding: boolean) => void} sounding who can be heard
 * @property {(sentence: string) => void} trouble what to do about sound that has stopped; empty when it goes on
 */

/** Made by `openSound`; `close` gives the microphone back. */
export class Sound {
  constructor(context, stream, hearing) {
    this._context = context;
    this._stream = stream;
    this._hearing = hearing;
    this._player = new AudioWorkletNode(context, "player", { numberOfInputs: 0, outputChannelCount: [1] });
    this._capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    this._player.port.onmessage = ({ data }) => this._onPlayer(data);
    this._capture.port.onmessage = ({ data }) => this._onCapture(data);
    this._player.connect(context.destination);
    context.createMediaStreamSource(stream).connect(this._capture);
    context.onstatechange = () => hearing.trouble(context.state === "running" ? "" : INTERRUPTED);
    stream.getAudioTracks()[0].onended = () => hearing.trouble(UNPLUGGED);
  }

  /** @param {ArrayBuffer} audio mu-law at 8000 Hz, which is played after all that came before */
  play(audio) {
    this._player.port.postMessage({ audio }, [audio]);
  }

  /** @param {string} mark what `played` is told when all that came before was heard */
  mark(mark) {
    this._player.port.postMessage({ mark });
  }

  /** Fall silent now, whatever was still to be played. */
  clear() {
    this._player.port.postMessage({ clear: true });
  }

  /** @param {boolean} isMuted whether the agent hears silence instead of the microphone */
  mute(isMuted) {
    for (const track of this._stream.getAudioTracks()) track.enabled = !isMuted;
  }

  /** Go on after an interruption; browsers take it from a click. */
  resume() {
    if (this._context.state !== "running") this._context.resume();
  }

  close() {
    this._context.onstatechange = null;
    for (const track of this._stream.getTracks()) {
      track.onended = null;
      track.stop();
    }
    this._context.close();
  }

  _onPlayer({ played, sounding }) {
    if (played !== undefined) setTimeout(() => this._hearing.played(played), this._deviceMs);
    if (sounding !== undefined) this._hearing.sounding("agent", sounding);
  }

  _onCapture({ chunk, level, sounding }) {
    if (chunk) {
      this._hearing.chunk(chunk);
      this._hearing.level(level);
    }
    if (sounding !== undefined) this._hearing.sounding("caller", sounding);
  }

  /** How long what has left the worklet takes until it is heard. */
  get _deviceMs() {
    return 1000 * (this._context.outputLatency || this._context.baseLatency || 0);
  }
}

/**
 * Open microphone and loudspeaker; to be called from within a click.
 *
 * Throws an Obstacle when something is in the way; nothing stays open then.
 * @param {Hearing} hearing
 * @returns {Promise<Sound>}
 */
export async function openSound(hearing) {
  const obstacle = obstacleOf(window);
  if (obstacle) throw new Obstacle(obstacle);
  // At its own rate: one that is asked for is not had everywhere, nor beside a microphone of another.
  const context = new AudioContext({ latencyHint: "interactive" });
  let stream = null;
  try {
    const running = isRunning(context);
    stream = await openMicrophone();
    if (!(await running)) throw new Obstacle(SUSPENDED);
    await Promise.all(["capture", "player"].map((name) => context.audioWorklet.addModule(new URL(`${name}_worklet.js`, import.meta.url))));
    return new Sound(context, stream, hearing);
  } catch (error) {
    for (const track of stream?.getTracks() ?? []) track.stop();
    await context.close();
    throw error;
  }
}

async function openMicrophone() {
  try {
    return await navigator.mediaDevices.getUserMedia(MICROPHONE);
  } catch (error) {
    throw new Obstacle(microphoneSentence(error), { cause: error });
  }
}

/**
 * Say whether a context runs; one without a click stays suspended, and its `resume` never ends.
 * @param {AudioContext} context
 */
export function isRunning(context) {
  const late = new Promise((resolve) => setTimeout(resolve, RUNNING_LIMIT_MS));
  return Promise.race([context.resume(), late]).then(() => context.state === "running");
}
