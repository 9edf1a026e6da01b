/** What a page reads from the API, as states that a page shows: none is ever blank. */

import { ApiError } from "../api.js";
import { goFromHere } from "./router.js";
import { useEffect, useRef, useState } from "../vendor/ui.js";

/**
 * @template T
 * @typedef {object} Loaded
 * @property {T | undefined} value what was read last; it stays while it is read again, or could not be
 * @property {Error | null} error why the last reading failed
 * @property {boolean} isLoading
 * @property {() => void} reload read it again
 */

/**
 * Read something whenever one of `inputs` changes; an answer that was overtaken is dropped.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} read
 * @param {unknown[]} inputs
 * @returns {Loaded<T>}
 */
export function useLoaded(read, inputs) {
  const key = JSON.stringify(inputs);
  const begun = { key, value: /** @type {T | undefined} */ (undefined), error: /** @type {Error | null} */ (null), isLoading: true };
  const [state, setState] = useState(begun);
  const [round, setRound] = useState(0);
  // Of other inputs, it is not what is asked for, not even until this has begun to be read.
  const known = (former) => (former.key === key ? former : begun);
  useEffect(() => {
    const controller = new AbortController();
    const tell = (news) => controller.signal.aborted || setState((former) => ({ ...known(former), ...news }));
    tell({ error: null, isLoading: true });
    Promise.resolve(controller.signal).then(read).then(
      (value) => tell({ value, isLoading: false }),
      (error) => tell({ error, isLoading: false }),
    );
    return () => controller.abort();
  }, [key, round]);
  const { value, error, isLoading } = known(state);
  return { value, error, isLoading, reload: () => setRound((number) => number + 1) };
}

/**
 * Read something again and again while the page is seen, each time `everyMs` after the last answer.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} read
 * @param {unknown[]} inputs
 * @param {number | ((value: T | undefined) => number)} everyMs or what says it of the value that was read last; 0 stops
 */
export function useFollowed(read, inputs, everyMs) {
  const loaded = useLoaded(read, inputs);
  // What was refused for good is refused the next time too.
  const isRefused = loaded.error instanceof ApiError && !loaded.error.isPassing;
  const wantedMs = typeof everyMs === "function" ? everyMs(loaded.value) : everyMs;
  const pauseMs = isRefused ? 0 : wantedMs;
  useEffect(() => {
    if (loaded.isLoading || !pauseMs) return undefined;
    const again = () => {
      if (document.visibilityState === "visible") loaded.reload();
    };
    const timer = setTimeout(again, pauseMs);
    document.addEventListener("visibilitychange", again);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", again);
    };
  }, [loaded.isLoading, pauseMs]);
  return loaded;
}

/** @typedef {import("./router.js").go} Go goes on to another page, unless one has left this one since it was begun */

/**
 * Do one thing at a time for a person: a form that is sent, a button that acts.
 * @returns {{ isBusy: boolean, error: Error | null, run: (act: (go: Go) => Promise<unknown>) => Promise<boolean> }} `run` says
 *   whether it worked
 */
export function useAction() {
  const [isBusy, setBusy] = useState(false);
  // Two clicks may come before the page is shown anew.
  const isRunning = useRef(false);
  const [error, setError] = useState(/** @type {Error | null} */ (null));
  async function run(act) {
    if (isRunning.current) return false;
    isRunning.current = true;
    setBusy(true);
    setError(null);
    try {
      await act(goFromHere());
      return true;
    } catch (failure) {
      setError(failure);
      return false;
    } finally {
      isRunning.current = false;
      setBusy(false);
    }
  }
  return { isBusy, error, run };
}
