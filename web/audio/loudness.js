/** How loud something is, and whether somebody seems to be speaking. */

// -40 dB: over a quiet room behind noise suppression, under a soft voice.
const SPEECH = 0.01;
// Stops between syllables are shorter.
const HOLD_MS = 250;

/**
 * Return the root mean square of samples.
 * @param {Float32Array} samples
 */
export function loudness(samples) {
  let sum = 0;
  for (let i = 0; i < samples.length; i += 1) sum += samples[i] * samples[i];
  return Math.sqrt(sum / samples.length);
}

/** Tells when sound begins, and when it has ended. */
export class Sounding {
  /** @param {(sounding: boolean) => void} tell */
  constructor(tell) {
    this._tell = tell;
    this._isOn = false;
    this._quietMs = 0;
  }

  /**
   * Take the loudness of the next so many milliseconds.
   * @param {number} level
   * @param {number} ms
   */
  hear(level, ms) {
    this._quietMs = level < SPEECH ? this._quietMs + ms : 0;
    if (!this._quietMs === this._isOn || (this._isOn && this._quietMs < HOLD_MS)) return;
    this._isOn = !this._isOn;
    this._tell(this._isOn);
  }
}
