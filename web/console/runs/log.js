/** Reading a run's log whole, and what comes later once it is there. */

import { useFollowed } from "../loading.js";
import { api } from "../session.js";
import { useEffect, useRef } from "../../vendor/ui.js";

/** @typedef {import("./clock.js").Event} Event */

const LIMIT = 1000;
const EVERY_MS = 3000;

/**
 * Read the events of a run, a thousand a request; while it is not over, again and again what came since.
 * @param {string} id
 * @param {boolean} isOver
 * @returns {import("../loading.js").Loaded<Event[]>}
 */
export function useEvents(id, isOver) {
  const known = useRef({ events: /** @type {Event[]} */ ([]), after: 0 });
  const loaded = useFollowed((signal) => readOn(id, known.current, signal), [id], isOver ? 0 : EVERY_MS);
  const wasOver = useRef(isOver);
  useEffect(() => {
    // Its last events may have come after they were read last.
    if (isOver && !wasOver.current) loaded.reload();
    wasOver.current = isOver;
  }, [isOver]);
  return loaded;
}

async function readOn(id, known, signal) {
  for (let isMore = true; isMore; ) {
    const query = { after: known.after, limit: LIMIT };
    const { items, next_after: after } = await api().get("/api/v1/runs/{workflow_run_id}/events", { path: { workflow_run_id: id }, query, signal });
    // Whoever reads now in our place has asked for the same ones.
    signal.throwIfAborted();
    if (items.length) known.events = [...known.events, ...items];
    known.after = after;
    // A page may be short although more follows: only the last event, or nothing, is the end.
    isMore = items.length > 0 && items[items.length - 1].type !== "end";
  }
  return known.events;
}
