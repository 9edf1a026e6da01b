/** The microphone's side of a call, on the audio thread: the context's own rate in, 20 ms of mu-law out. */

import { loudness, Sounding } from "./loudness.js";
import { encodeMulaw } from "./mulaw.js";
import { Resampler } from "./resampler.js";

const LINE_HZ = 8000;
const CHUNK_BYTES = 160;

/** Posts `{ chunk, level }` every 20 ms, and `{ sounding }` when the level rises to that of speech, or has fallen. */
class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this._resampler = new Resampler(sampleRate, LINE_HZ);
    this._sounding = new Sounding((sounding) => this.port.postMessage({ sounding }));
    this._samples = new Float32Array(CHUNK_BYTES);
    this._filled = 0;
  }

  process([input]) {
    if (input.length) this._resampler.feed(input[0]).forEach((sample) => this._take(sample));
    return true;
  }

  _take(sample) {
    this._samples[this._filled] = sample;
    this._filled += 1;
    if (this._filled < CHUNK_BYTES) return;
    this._filled = 0;
    const level = loudness(this._samples);
    const chunk = Uint8Array.from(this._samples, encodeMulaw).buffer;
    this._sounding.hear(level, 20);
    this.port.postMessage({ chunk, level }, [chunk]);
  }
}

registerProcessor("capture", Capture);
