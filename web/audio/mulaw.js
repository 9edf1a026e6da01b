/** Mu-law, as telephones speak it (ITU-T G.711): one byte a sample, 8000 samples a second. */

const BIAS = 132;
const CLIP = 32_635;

const decoded = Float32Array.from({ length: 256 }, (_, byte) => decodeByte(byte) / 32_768);

/**
 * Decode bytes to samples between -1 and 1.
 * @param {Uint8Array} bytes
 * @returns {Float32Array}
 */
export function decodeMulaw(bytes) {
  const samples = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i += 1) samples[i] = decoded[bytes[i]];
  return samples;
}

/**
 * Encode one sample; what is louder than 1 is cut.
 * @param {number} sample
 * @returns {number} a byte
 */
export function encodeMulaw(sample) {
  const value = Math.round(sample * 32_768);
  const magnitude = Math.min(Math.abs(value), CLIP) + BIAS;
  // The leading bit of what is at least BIAS is bit 7 to 14.
  const exponent = 24 - Math.clz32(magnitude);
  const mantissa = (magnitude >> (exponent + 3)) & 15;
  return ~((value < 0 ? 128 : 0) | (exponent << 4) | mantissa) & 255;
}

function decodeByte(byte) {
  const inverted = ~byte & 255;
  const exponent = (inverted >> 4) & 7;
  const magnitude = ((((inverted & 15) << 3) + BIAS) << exponent) - BIAS;
  return inverted & 128 ? -magnitude : magnitude;
}
