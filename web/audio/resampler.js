/** Sampling rates: from whatever a sound card runs at to the telephone's 8000 Hz, and back. */

// Zero crossings of the kernel on each side, at the lower rate: 2 ms of delay at 8000 Hz.
const REACH = 16;
// Of the lower rate's half: what lies above would come back as a whistle.
const PASSED = 0.92;
const KAISER_BETA = 7;

/** Turns one stream of samples from one rate into another, as it comes. */
export class Resampler {
  _held = new Float32Array();
  _at = 0;
  _phase = 0;

  /**
   * @param {number} fromHz
   * @param {number} toHz
   */
  constructor(fromHz, toHz) {
    const divisor = greatestDivisor(fromHz, toHz);
    this._up = toHz / divisor;
    this._down = fromHz / divisor;
    const scale = Math.min(1, toHz / fromHz);
    this._half = Math.ceil(REACH / scale);
    this._phases = Array.from({ length: this._up }, (_, phase) =>
      kernel(phase / this._up, this._half, scale * PASSED),
    );
    this.reset();
  }

  /** Forget what was fed: what comes next follows silence. */
  reset() {
    this._held = new Float32Array(this._half);
    // Where the next output lies: after this sample of what is held, by so many `up`th parts.
    this._at = this._half - 1;
    this._phase = 0;
  }

  /**
   * Take more input; return what can be made of it now.
   * @param {Float32Array} samples
   * @returns {Float32Array}
   */
  feed(samples) {
    const held = joined(this._held, samples);
    const count = this._available(held.length);
    const made = new Float32Array(count);
    for (let n = 0; n < count; n += 1) {
      made[n] = weighted(held, this._at - this._half + 1, this._phases[this._phase]);
      this._phase += this._down;
      this._at += Math.floor(this._phase / this._up);
      this._phase %= this._up;
    }
    const passed = Math.min(this._at - this._half + 1, held.length);
    this._held = held.slice(passed);
    this._at -= passed;
    return made;
  }

  /** How many outputs have their whole kernel within so many samples. */
  _available(length) {
    const room = (length - this._half - this._at) * this._up - this._phase;
    return Math.max(0, Math.ceil(room / this._down));
  }
}

/** The weights of the 2 x half samples around an output that lies `offset` after the half-th of them. */
function kernel(offset, half, cutoff) {
  const weights = Float64Array.from({ length: 2 * half }, (_, i) => {
    const distance = i - (half - 1) - offset;
    return sinc(distance * cutoff) * kaiser(distance / half);
  });
  const sum = weights.reduce((total, weight) => total + weight);
  return Float32Array.from(weights, (weight) => weight / sum);
}

function weighted(samples, start, weights) {
  let sum = 0;
  for (let i = 0; i < weights.length; i += 1) sum += samples[start + i] * weights[i];
  return sum;
}

function joined(first, second) {
  const all = new Float32Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

const sinc = (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

const kaiser = (x) => (Math.abs(x) >= 1 ? 0 : bessel(KAISER_BETA * Math.sqrt(1 - x * x)) / bessel(KAISER_BETA));

/** The modified Bessel function of order 0, by its series. */
function bessel(x) {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-9; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

const greatestDivisor = (a, b) => (b === 0 ? a : greatestDivisor(b, a % b));
