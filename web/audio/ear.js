/** Listening in: both voices of a call that others have, played beside each other. */

import { DEAF, HELD_BACK, Obstacle } from "./obstacles.js";
import { isRunning } from "./sound.js";

const VOICES = ["caller", "agent"];
// Each a little to its side: who speaks is heard, also while both do.
const SIDE = 0.35;

/** Made by `openEar`; `close` lets the loudspeaker go. */
export class Ear {
  /**
   * @param {AudioContext} context
   * @param {(who: string, sounding: boolean) => void} tell who begins to be heard, or has fallen silent
   */
  constructor(context, tell) {
    this._context = context;
    this._players = VOICES.map((who, i) => {
      const player = new AudioWorkletNode(context, "player", { numberOfInputs: 0, outputChannelCount: [1] });
      player.port.onmessage = ({ data: { sounding } }) => sounding !== undefined && tell(who, sounding);
      player.connect(new StereoPannerNode(context, { pan: i ? SIDE : -SIDE })).connect(context.destination);
      return player;
    });
  }

  /** @param {ArrayBuffer} both mu-law at 8000 Hz, sample by sample: the caller's, the agent's */
  play(both) {
    tracksOf(both).forEach((audio, i) => this._players[i].port.postMessage({ audio }, [audio]));
  }

  close() {
    this._context.close();
  }
}

/**
 * Take the voices apart.
 * @param {ArrayBuffer} both
 * @returns {ArrayBuffer[]} the caller's and the agent's
 */
export function tracksOf(both) {
  const mixed = new Uint8Array(both);
  return VOICES.map((_, i) => Uint8Array.from({ length: Math.floor(mixed.length / 2) }, (_, at) => mixed[2 * at + i]).buffer);
}

/**
 * Open the loudspeaker; to be called from within a click. Throws an Obstacle when something is in the way.
 * @param {(who: string, sounding: boolean) => void} tell
 */
export async function openEar(tell) {
  if (!globalThis.AudioWorkletNode) throw new Obstacle(DEAF);
  const context = new AudioContext({ latencyHint: "interactive" });
  try {
    if (!(await isRunning(context))) throw new Obstacle(HELD_BACK);
    await context.audioWorklet.addModule(new URL("player_worklet.js", import.meta.url));
    return new Ear(context, tell);
  } catch (error) {
    await context.close();
    throw error;
  }
}
