/** What a closed socket means, and when to open the next one. */

const FIRST_MS = 500;
const LONGEST_MS = 15_000;
// A caller's place is kept for half a minute; whoever watches may as well look again by hand after this.
const ATTEMPTS = 10;

const OVER = {
  1000: "",
  1008: "The server has refused this connection.",
  1011: "Something went wrong at the server. What was said so far is in the log.",
};

/**
 * Decide after a close.
 *
 * 1012 says that another process goes on with the call, so the first attempt follows at once, in a random part of half a
 * second lest all come at the same moment; 1013 says that there is no room, so each attempt waits twice as long. Any other
 * close is a network that may be back by now.
 * @param {number} code
 * @param {number} attempt how many have failed since the socket last worked
 * @param {() => number} random
 * @returns {{ afterMs: number } | { sentence: string }} when to try again, or why not
 */
export function afterClose(code, attempt, random = Math.random) {
  if (code in OVER) return { sentence: OVER[code] };
  if (attempt >= ATTEMPTS) return { sentence: "The connection is lost: see whether this machine is online, then connect again." };
  return { afterMs: code === 1013 || attempt ? backoff(attempt, random) : random() * FIRST_MS };
}

function backoff(attempt, random) {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt + 1));
  return longest / 2 + random() * (longest / 2);
}
