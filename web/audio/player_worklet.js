/** The loudspeaker's side of a call, on the audio thread: mu-law in as it comes, the context's own rate out. */

import { loudness, Sounding } from "./loudness.js";
import { decodeMulaw } from "./mulaw.js";
import { PlaybackBuffer } from "./playback_buffer.js";
import { Resampler } from "./resampler.js";

const LINE_HZ = 8000;

/**
 * Takes `{ audio }`, `{ mark }` and `{ clear }`; posts `{ played }` for each mark that it passes or drops, and `{ sounding }`
 * when the agent begins to be heard, or has fallen silent.
 */
class Player extends AudioWorkletProcessor {
  constructor() {
    super();
    this._resampler = new Resampler(LINE_HZ, sampleRate);
    this._buffer = new PlaybackBuffer(sampleRate);
    this._sounding = new Sounding((sounding) => this.port.postMessage({ sounding }));
    this.port.onmessage = ({ data }) => this._take(data);
  }

  process(_, [[block]]) {
    this._tell(this._buffer.pull(block));
    this._sounding.hear(loudness(block), (block.length / sampleRate) * 1000);
    return true;
  }

  _take({ audio, mark, clear }) {
    if (audio) this._buffer.push(this._resampler.feed(decodeMulaw(new Uint8Array(audio))));
    if (mark) this._buffer.mark(mark);
    if (clear) {
      this._tell(this._buffer.clear());
      this._resampler.reset();
    }
  }

  _tell(marks) {
    for (const played of marks) this.port.postMessage({ played });
  }
}

registerProcessor("player", Player);
