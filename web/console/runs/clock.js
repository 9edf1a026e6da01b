/** Where the events of a log stand in its recording, in seconds: both go by the call's audio, from its first chunk on. */

/** @typedef {{ seq: number, at: string, type: string, data: Record<string, any> }} Event */

/**
 * Return the moment of each event. One that names none, such as a node that is entered, is placed by its instant: audio
 * comes as fast as time passes, so what names both tells when the audio began, anew for each process that held the call.
 * @param {Event[]} events
 * @returns {number[]}
 */
export function momentsOf(events) {
  const begins = beginnings(events);
  return events.map((event, index) => {
    const named = namedMs(event);
    return Math.max(0, named ?? Date.parse(event.at) - begins[index]) / 1000;
  });
}

/** The moment that an event itself names, in milliseconds of call audio. */
function namedMs({ type, data }) {
  const ms = type === "end" ? data.duration_ms : type === "transcript" ? data.start_ms : data.offset_ms;
  return Number.isFinite(ms) ? ms : null;
}

/** Return for each event when the audio of its process began: an event is written at its moment, or a little later. */
function beginnings(events) {
  let began = events.length ? Date.parse(events[0].at) : 0;
  const epochs = [];
  for (const { at, type, data } of events) {
    if (type === "takeover" || !epochs.length) epochs.push({ length: 0, began: Infinity });
    const epoch = epochs[epochs.length - 1];
    epoch.length += 1;
    // A line of the agent is told before it sounds, so it tells nothing of when the audio began.
    if (Number.isFinite(data.offset_ms)) epoch.began = Math.min(epoch.began, Date.parse(at) - data.offset_ms);
  }
  return epochs.flatMap((epoch) => {
    if (Number.isFinite(epoch.began)) began = epoch.began;
    return Array(epoch.length).fill(began);
  });
}

/**
 * Return the index of the last moment that is not after `seconds`; -1 before the first.
 * @param {number[]} moments in their order
 * @param {number} seconds
 */
export function indexAt(moments, seconds) {
  let [low, high] = [0, moments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    // The browser rounds what it is set to.
    if (moments[middle] <= seconds + 0.001) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
