/** The present, for what counts seconds. */

import { useEffect, useState } from "../../vendor/ui.js";

/** Return the time in milliseconds, each second anew while `runs`. */
export function useNow(runs = true) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!runs) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [runs]);
  return now;
}
