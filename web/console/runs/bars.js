/** The bars of a waveform: as many as there is room for, however long the recording is. */

/**
 * Return so many bars, each the loudest of its peaks, 0 to 1; a short recording's peaks stand for several bars.
 * @param {number[]} peaks 0 to 100 each
 * @param {number} count
 */
export function bars(peaks, count) {
  return Array.from({ length: peaks.length ? count : 0 }, (_, index) => {
    const first = Math.floor((index * peaks.length) / count);
    const last = Math.max(first + 1, Math.floor(((index + 1) * peaks.length) / count));
    let loudest = 0;
    for (let at = first; at < last; at++) loudest = Math.max(loudest, peaks[at]);
    return loudest / 100;
  });
}
