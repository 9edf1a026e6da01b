/** The layout of the waterfall: each answer's stages, one after the other, all on the scale of the longest wait. */

/**
 * @param {import("./telling.js").Answer[]} answers
 * @returns {{ scaleMs: number, rows: { turn: number, start: number, ms: number | null, bars: { stage: string, ms: number, left: number, width: number }[] }[] }}
 *   `ms` is null where nothing of it was measured; `left` and `width` in percent of the scale
 */
export function waterfall(answers) {
  const rows = answers.map(({ turn, start, ms, stages }) => ({ turn, start, stages, ms: ms ?? (stages.length ? sum(stages) : null) }));
  const scaleMs = niceAbove(Math.max(0, ...rows.map(({ ms, stages }) => Math.max(ms ?? 0, sum(stages)))));
  return {
    scaleMs,
    rows: rows.map(({ stages, ...row }) => ({ ...row, bars: barsOf(stages, scaleMs) })),
  };
}

function barsOf(stages, scaleMs) {
  let from = 0;
  return stages.flatMap(([stage, ms]) => {
    const left = (100 * from) / scaleMs;
    from += ms;
    return ms > 0 ? [{ stage, ms, left, width: (100 * ms) / scaleMs }] : [];
  });
}

const sum = (stages) => stages.reduce((all, [, ms]) => all + ms, 0);

/** Return the next round number: 1, 2 or 5 and zeros. */
function niceAbove(ms) {
  const power = 10 ** Math.floor(Math.log10(Math.max(ms, 1)));
  return [1, 2, 5, 10].map((digit) => digit * power).find((round) => round >= ms) ?? 1;
}
