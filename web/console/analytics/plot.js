/** Lines over time; who does not see them has the same as a table. */

import { html, useEffect, useRef } from "../../vendor/ui.js";
import { uPlot } from "../../vendor/uplot.js";

const HEIGHT_PX = 220;
const WIDE_PX = 60;
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
    const options = {
      width: place.clientWidth,
      height: HEIGHT_PX,
      ...(isUtc && { tzDate: (second) => uPlot.tzDate(new Date(second * 1000), "UTC") }),
      scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.05 : 1] } },
      axes: [axis, { ...axis, size: WIDE_PX, values: (_, ticks) => ticks.map((tick) => figure(tick)) }],
      series: [
        {},
        ...lines.map(({ label }, index) => ({
          label,
          stroke: colour(`--line-${index + 1}`),
          dash: DASHES[index],
          width: 2,
          value: (_, value) => figure(value),
        })),
      ],
    };
    return new uPlot(/** @type {any} */ (options), /** @type {any} */ ([starts, ...lines.map(({ values }) => values)]), place);
  }
  return html`<div class="plot" ref=${host} aria-hidden="true"></div>`;
}
