/** What stands between the network, which is late now and then, and the loudspeaker, which must never wait. */

const START_MS = 40;
const WINDOW_MS = 500;
// -40 dB: between words. What is dropped there, nobody misses.
const QUIET = 0.01;
// So long slack waits for a quiet place, before something audible is dropped.
const PATIENCE_WINDOWS = 4;
const FADE_MS = 5;

/**
 * Holds samples and the marks between them.
 *
 * It begins to play when 40 ms are there, or the whole of something shorter. Half a second in which it never held less
 * than some more than that shows that the rest is only delay: that is shed, between words where there are any.
 */
export class PlaybackBuffer {
  /** @type {{ samples: Float32Array, at: number, marks: string[] }[]} */
  _pieces = [];
  /** @type {string[]} */
  _reached = [];
  _held = 0;
  _waited = 0;
  _isPlaying = false;
  _isWhole = false;
  _slack = 0;
  _windows = 0;
  _least = Infinity;
  _watched = 0;

  /** @param {number} rateHz */
  constructor(rateHz) {
    this._ms = rateHz / 1000;
    this._forget();
  }

  /** How many milliseconds are held. */
  get heldMs() {
    return this._held / this._ms;
  }

  /** @param {Float32Array} samples */
  push(samples) {
    if (samples.length) this._pieces.push({ samples, at: 0, marks: [] });
    this._held += samples.length;
  }

  /**
   * Name the place after all that is held now.
   * @param {string} name
   */
  mark(name) {
    const last = this._pieces.at(-1);
    (last ? last.marks : this._reached).push(name);
    this._isWhole = true;
  }

  /**
   * Drop everything: none of it is heard any more.
   * @returns {string[]} the marks that will not be passed
   */
  clear() {
    const dropped = [...this._reached, ...this._pieces.flatMap(({ marks }) => marks)];
    this._forget();
    return dropped;
  }

  _forget() {
    this._pieces = [];
    this._reached = [];
    this._held = 0;
    this._waited = 0;
    this._isPlaying = false;
    // Whether what is held ends with a mark, so that nothing more need be waited for.
    this._isWhole = false;
    this._forgetSlack();
  }

  /**
   * Fill a block with what is played next, with silence where there is nothing.
   * @param {Float32Array} block
   * @returns {string[]} the marks that were passed
   */
  pull(block) {
    block.fill(0);
    const reached = this._reached;
    this._reached = [];
    if (!this._mayPlay(block.length)) return reached;
    this._shed(block.length, reached);
    const taken = this._take(block, reached);
    this._isPlaying = taken === block.length;
    if (!this._isPlaying) this._isWhole = false;
    this._watch(block.length);
    return reached;
  }

  _mayPlay(samples) {
    if (this._isPlaying || !this._held) return this._isPlaying;
    this._waited += samples;
    const start = START_MS * this._ms;
    this._isPlaying = this._isWhole || this._held >= start || this._waited >= start;
    if (this._isPlaying) this._waited = 0;
    return this._isPlaying;
  }

  _take(block, reached) {
    let filled = 0;
    while (filled < block.length && this._pieces.length) {
      const piece = this._pieces[0];
      const part = piece.samples.subarray(piece.at, piece.at + block.length - filled);
      block.set(part, filled);
      filled += part.length;
      this._advance(piece, part.length, reached);
    }
    return filled;
  }

  _advance(piece, count, reached) {
    piece.at += count;
    this._held -= count;
    if (piece.at < piece.samples.length) return;
    reached.push(...piece.marks);
    this._pieces.shift();
  }

  _watch(samples) {
    if (!this._isPlaying) {
      this._forgetSlack();
      return;
    }
    this._least = Math.min(this._least, this._held);
    this._watched += samples;
    if (this._watched < WINDOW_MS * this._ms) return;
    const slack = this._least - START_MS * this._ms;
    this._windows = slack > 0 ? this._windows + 1 : 0;
    this._slack = Math.max(0, slack);
    this._least = Infinity;
    this._watched = 0;
  }

  _forgetSlack() {
    this._slack = 0;
    this._windows = 0;
    this._least = Infinity;
    this._watched = 0;
  }

  _shed(samples, reached) {
    if (this._windows > PATIENCE_WINDOWS) this._splice(Math.floor(this._slack), reached);
    while (this._slack >= samples && this._isQuiet(samples)) {
      this._take(new Float32Array(samples), reached);
      this._lower(samples);
    }
  }

  _isQuiet(samples) {
    const [piece] = this._pieces;
    // A piece that ends within is left as it is: the next block begins another.
    if (!piece || piece.samples.length - piece.at < samples) return false;
    return piece.samples.subarray(piece.at, piece.at + samples).every((sample) => Math.abs(sample) < QUIET);
  }

  /** Leave out so many samples, fading from before them to after them. */
  _splice(samples, reached) {
    const fade = Math.floor(FADE_MS * this._ms);
    const before = new Float32Array(fade);
    this._take(before, reached);
    this._take(new Float32Array(Math.max(0, samples - fade)), reached);
    const after = new Float32Array(fade);
    this._take(after, reached);
    const faded = after.map((sample, i) => (before[i] * (fade - i) + sample * i) / fade);
    this._pieces.unshift({ samples: faded, at: 0, marks: [] });
    this._held += fade;
    this._forgetSlack();
  }

  _lower(samples) {
    this._slack -= samples;
    this._least -= samples;
    if (this._slack < samples) this._windows = 0;
  }
}
