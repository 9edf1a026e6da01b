/** Lines over time; who does not see them has the same as a table. */

import { html, useEffect, useRef } from "../../vendor/ui.js";
import { uPlot } from "../../vendor/uplot.js";

const HEIGHT_PX = 220;
const WIDE_PX = 60;
// With more, points would be a band: then only those are to be seen that no line leads to.
const MOST_WITH_POINTS = 48;
// There is no half of a call.
const WHOLE_STEPS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6].flatMap((ten) => [ten, 2 * ten, 5 * ten]);
// Beside the colours, for who does not tell these apart.
const DASHES = [[], [6, 4], [2, 3], [10, 4, 2, 4], [14, 4], [4, 8]];
const DARK = globalThis.matchMedia?.("(prefers-color-scheme: dark)");

/**
 * @param {{ starts: number[], lines: { label: string, values: (number | null)[] }[], figure: (value: number | null) => string,
 *   isUtc: boolean }} properties `starts` in seconds since 1970; days are those of UTC
 */
export function Plot({ starts, lines, figure, isUtc }) {
  const host = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    const place = host.current;
    if (!place) return undefined;
    let plot = drawn(place);
    const resized = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HEIGHT_PX }));
    const recoloured = () => {
      plot.destroy();
      plot = drawn(place);
    };
    resized.observe(place);
    DARK?.addEventListener("change", recoloured);
    return () => {
      resized.disconnect();
      DARK?.removeEventListener("change", recoloured);
      plot.destroy();
    };
  }, [JSON.stringify([starts, lines])]);

  function drawn(place) {
    const colour = (name) => getComputedStyle(place).getPropertyValue(name).trim();
    const axis = { stroke: colour("--faint"), grid: { stroke: colour("--edge"), width: 1 }, ticks: { stroke: colour("--edge") } };
    const isWhole = lines.every(({ values }) => values.every((value) => Number.isInteger(value ?? 0)));
    const options = {
      width: place.clientWidth,
      height: HEIGHT_PX,
      ...(isUtc && { tzDate: (second) => uPlot.tzDate(new Date(second * 1000), "UTC") }),
      scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.05 : 1] } },
      axes: [axis, { ...axis, size: WIDE_PX, ...(isWhole && { incrs: WHOLE_STEPS }), values: (_, ticks) => ticks.map((tick) => figure(tick)) }],
      series: [
        {},
        ...lines.map(({ label, values }, index) => ({
          label,
          stroke: colour(`--line-${index + 1}`),
          dash: DASHES[index],
          width: 2,
          points: { show: true, size: 5, filter: () => (starts.length > MOST_WITH_POINTS ? alone(values) : null) },
          value: (_, value) => figure(value),
        })),
      ],
    };
    return new uPlot(/** @type {any} */ (options), /** @type {any} */ ([starts, ...lines.map(({ values }) => values)]), place);
  }
  return html`<div class="plot" ref=${host} aria-hidden="true"></div>`;
}

/**
 * Return the places of values without a neighbour.
 * @param {(number | null)[]} values
 */
function alone(values) {
  const isThere = (index) => typeof values[index] === "number";
  return values.flatMap((_, index) => (isThere(index) && !isThere(index - 1) && !isThere(index + 1) ? [index] : []));
}
