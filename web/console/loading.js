/** What a page reads from the API, as states that a page shows: none is ever blank. */

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
  const [state, setState] = useState(/** @type {Omit<Loaded<T>, "reload">} */ ({ value: undefined, error: null, isLoading: true }));
  const [round, setRound] = useState(0);
  const known = useRef(JSON.stringify(inputs));
  useEffect(() => {
    const controller = new AbortController();
    const isSame = known.current === JSON.stringify(inputs);
    known.current = JSON.stringify(inputs);
    setState(({ value }) => ({ value: isSame ? value : undefined, error: null, isLoading: true }));
    read(controller.signal).then(
      (value) => controller.signal.aborted || setState({ value, error: null, isLoading: false }),
      (error) => controller.signal.aborted || setState(({ value }) => ({ value, error, isLoading: false })),
    );
    return () => controller.abort();
  }, [...inputs, round]);
  return { ...state, reload: () => setRound((number) => number + 1) };
}

/**
 * Read something again and again while the page is seen, each time `everyMs` after the last answer.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} read
 * @param {unknown[]} inputs
 * @param {number} everyMs 0 stops
 */
export function useFollowed(read, inputs, everyMs) {
  const loaded = useLoaded(read, inputs);
  useEffect(() => {
    if (loaded.isLoading || !everyMs) return undefined;
    const again = () => {
      if (document.visibilityState === "visible") loaded.reload();
    };
    const timer = setTimeout(again, everyMs);
    document.addEventListener("visibilitychange", again);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", again);
    };
  }, [loaded.isLoading, everyMs]);
  return loaded;
}

/**
 * Do one thing at a time for a person: a form that is sent, a button that acts.
 * @returns {{ isBusy: boolean, error: Error | null, run: (act: () => Promise<unknown>) => Promise<boolean> }} `run` says
 *   whether it worked
 */
export function useAction() {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {Error | null} */ (null));
  async function run(act) {
    if (isBusy) return false;
    setBusy(true);
    setError(null);
    try {
      await act();
      return true;
    } catch (failure) {
      setError(failure);
      return false;
    } finally {
      setBusy(false);
    }
  }
  return { isBusy, error, run };
}
