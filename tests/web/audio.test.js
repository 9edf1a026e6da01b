import assert from "node:assert/strict";
import { test } from "node:test";

import { loudness, Sounding } from "../../web/audio/loudness.js";
import { decodeMulaw, encodeMulaw } from "../../web/audio/mulaw.js";
import { PlaybackBuffer } from "../../web/audio/playback_buffer.js";
import { Resampler } from "../../web/audio/resampler.js";

const tone = (hz, rateHz, seconds, peak = 0.5) =>
  Float32Array.from({ length: Math.round(rateHz * seconds) }, (_, i) => peak * Math.sin((2 * Math.PI * hz * i) / rateHz));

const inBlocks = (samples, length) =>
  Array.from({ length: Math.ceil(samples.length / length) }, (_, i) => samples.slice(i * length, (i + 1) * length));

const resampled = (resampler, samples) =>
  Float32Array.from(inBlocks(samples, 128).flatMap((block) => [...resampler.feed(block)]));

test("mu-law bytes are those of G.711", () => {
  const known = { 0xff: 0, 0x7f: 0, 0x80: 32124, 0x00: -32124, 0xfe: 8, 0x7e: -8, 0xf0: 120, 0x8f: 16764, 0xef: 132 };
  for (const [byte, value] of Object.entries(known)) {
    assert.equal(decodeMulaw(Uint8Array.of(Number(byte)))[0] * 32768 + 0, value, `byte ${byte}`);
  }
});

test("each mu-law byte is encoded again as itself", () => {
  for (let byte = 0; byte < 256; byte += 1) {
    const again = encodeMulaw(decodeMulaw(Uint8Array.of(byte))[0]);
    assert.equal(again, byte === 0x7f ? 0xff : byte);
  }
});

test("what is too loud is cut, and no sample breaks the encoder", () => {
  assert.equal(encodeMulaw(7), 0x80);
  assert.equal(encodeMulaw(-7), 0x00);
});

for (const [from, to] of [[48000, 8000], [44100, 8000], [96000, 8000], [16000, 8000], [8000, 8000], [8000, 48000], [8000, 44100]]) {
  test(`a tone keeps its loudness and its length from ${from} to ${to} Hz`, () => {
    const made = resampled(new Resampler(from, to), tone(1000, from, 1));
    assert.ok(Math.abs(made.length - to) <= 0.005 * to, `${made.length} samples`);
    const wanted = tone(1000, to, 1);
    const delay = bestDelay(made, wanted, to / 100);
    const error = made.slice(delay + 200, delay + 1200).map((sample, i) => sample - wanted[i + 200]);
    // What is left is the part of a sample that the delay is not whole by.
    assert.ok(Math.abs(loudness(made.slice(200, -200)) - 0.5 / Math.SQRT2) < 0.005);
    assert.ok(loudness(error) < 0.2, `error ${loudness(error)}`);
  });
}

test("what a telephone can't carry does not come back as a whistle", () => {
  const made = resampled(new Resampler(48000, 8000), tone(6000, 48000, 1));
  assert.ok(loudness(made.slice(200)) < 0.001);
});

test("blocks of any size make the same samples", () => {
  const samples = tone(440, 44100, 0.2);
  const whole = new Resampler(44100, 8000).feed(samples);
  assert.deepEqual(resampled(new Resampler(44100, 8000), samples), whole);
});

test("a resampler that is reset has forgotten what it was fed", () => {
  const resampler = new Resampler(8000, 48000);
  resampler.feed(tone(440, 8000, 0.1));
  resampler.reset();
  assert.ok(resampler.feed(new Float32Array(160)).every((sample) => sample === 0));
});

test("somebody speaks from their first sound until a quarter of a second after the last", () => {
  const told = [];
  const sounding = new Sounding((is) => told.push(is));
  const levels = [0, 0.2, 0, 0.2, ...Array(12).fill(0)];
  levels.forEach((level) => sounding.hear(level, 20));
  assert.deepEqual(told, [true]);
  sounding.hear(0, 20);
  assert.deepEqual(told, [true, false]);
});

test("playing begins when 40 ms are there", () => {
  const buffer = new PlaybackBuffer(8000);
  const block = new Float32Array(80);
  buffer.push(tone(440, 8000, 0.03));
  buffer.pull(block);
  assert.ok(block.every((sample) => sample === 0));
  buffer.push(tone(440, 8000, 0.02));
  buffer.pull(block);
  assert.ok(loudness(block) > 0.1);
});

test("something shorter is played after 40 ms, or at once when its end is marked", () => {
  const block = new Float32Array(80);
  const waiting = new PlaybackBuffer(8000);
  waiting.push(tone(440, 8000, 0.02));
  const heard = Array.from({ length: 6 }, () => {
    waiting.pull(block);
    return loudness(block) > 0.1;
  });
  assert.deepEqual(heard, [false, false, false, true, true, false]);
  const marked = new PlaybackBuffer(8000);
  marked.push(tone(440, 8000, 0.02));
  marked.mark("end");
  assert.deepEqual(marked.pull(block), []);
  assert.ok(loudness(block) > 0.1);
  assert.deepEqual(marked.pull(block), ["end"]);
});

test("a mark is passed when all before it was played, and told of when it was cleared", () => {
  const buffer = new PlaybackBuffer(8000);
  const block = new Float32Array(80);
  buffer.push(tone(440, 8000, 0.1));
  buffer.mark("first");
  buffer.push(tone(440, 8000, 0.1));
  buffer.mark("second");
  const passed = Array.from({ length: 10 }, () => buffer.pull(block));
  assert.deepEqual(passed.flat(), ["first"]);
  assert.deepEqual(passed[9], ["first"]);
  assert.deepEqual(buffer.clear(), ["second"]);
  assert.equal(buffer.heldMs, 0);
  assert.deepEqual(buffer.pull(block), []);
  assert.ok(block.every((sample) => sample === 0));
});

test("a mark behind nothing is passed at once", () => {
  const buffer = new PlaybackBuffer(8000);
  buffer.mark("alone");
  assert.deepEqual(buffer.pull(new Float32Array(80)), ["alone"]);
});

/** Play in real time: 20 ms come and 20 ms go, `hiccup` of them late by so many ms at once. */
function played(buffer, pieces, hiccupAt, hiccupMs) {
  const block = new Float32Array(160);
  const late = [];
  const heard = [];
  pieces.forEach((piece, i) => {
    if (i >= hiccupAt && i < hiccupAt + hiccupMs / 20) late.push(piece);
    else {
      late.splice(0).forEach((one) => buffer.push(one));
      buffer.push(piece);
    }
    buffer.pull(block);
    heard.push(...block);
  });
  return Float32Array.from(heard);
}

test("what a hiccup leaves standing is shed between words", () => {
  const buffer = new PlaybackBuffer(8000);
  const word = inBlocks(tone(440, 8000, 0.6), 160);
  const pause = inBlocks(new Float32Array(3200), 160);
  const speech = [...word, ...pause, ...word, ...pause];
  const heard = played(buffer, speech, 10, 200);
  assert.ok(buffer.heldMs <= 60, `${buffer.heldMs} ms held`);
  const loud = heard.filter((sample, i) => Math.abs(sample) > 0.01 || Math.abs(heard[i - 1] ?? 0) > 0.01).length;
  assert.ok(loud > 0.98 * 2 * 4800, "words were cut");
});

test("slack in sound without a pause is shed too, later and without a click", () => {
  const buffer = new PlaybackBuffer(8000);
  const heard = played(buffer, inBlocks(tone(200, 8000, 5), 160), 10, 200);
  assert.ok(buffer.heldMs <= 60, `${buffer.heldMs} ms held`);
  const steps = heard.slice(8000).map((sample, i, all) => Math.abs(sample - (all[i - 1] ?? sample)));
  assert.ok(Math.max(...steps) < 0.15, `a step of ${Math.max(...steps)}`);
});

test("nothing is shed where half a second has needed it", () => {
  const buffer = new PlaybackBuffer(8000);
  const block = new Float32Array(160);
  const pieces = inBlocks(tone(440, 8000, 4), 160);
  let pushed = 0;
  let loud = 0;
  // Each fifth time five pieces come at once: in between the buffer falls to what it must have.
  for (let i = 0; i < 200; i += 1) {
    if (i % 5 === 0) for (let n = 0; n < 5 && pushed < pieces.length; n += 1) buffer.push(pieces[pushed++]);
    buffer.pull(block);
    loud += loudness(block) > 0.1 ? 1 : 0;
  }
  assert.ok(loud >= 198, `${loud} of 200`);
});

function bestDelay(made, wanted, most) {
  let best = 0;
  let least = Infinity;
  for (let delay = 0; delay < most; delay += 1) {
    const error = loudness(made.slice(delay + 200, delay + 1200).map((sample, i) => sample - wanted[i + 200]));
    if (error < least) [least, best] = [error, delay];
  }
  return best;
}
