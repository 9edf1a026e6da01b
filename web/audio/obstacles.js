/** What can keep a browser from making a call, each as a sentence that says what to do. */

/** There is no sound; `message` says why, and what to do. */
export class Obstacle extends Error {}

export const SUSPENDED =
  "The browser holds the sound back until somebody asks for it: press Call once more. If that changes nothing, this machine has no loudspeaker.";
export const INTERRUPTED = "The browser has stopped the sound, as another call does: press any button to go on.";
export const UNPLUGGED = "The microphone is gone: connect it again, then hang up and call once more.";

const OF_MICROPHONES = {
  NotAllowedError:
    "The browser may not use the microphone: allow it for this page, by the sign beside the address, then press Call again.",
  NotFoundError: "No microphone was found: connect one, then press Call again.",
  NotReadableError: "Another program holds the microphone: close that one, then press Call again.",
  SecurityError: "This page may not use the microphone: open it by itself, and not within another page.",
};

export const DEAF = "This page can't play calls: open it by https, or on the machine itself by http://localhost, in a present browser.";
export const HELD_BACK =
  "The browser holds the sound back until somebody asks for it: press Listen once more. If that changes nothing, this machine has no loudspeaker.";

/**
 * Return what is in the way before anything was tried, null when nothing is.
 * @param {{ isSecureContext: boolean, navigator: Navigator, location: Location, AudioWorkletNode?: unknown }} browser
 * @returns {string | null}
 */
export function obstacleOf({ isSecureContext, navigator, location, AudioWorkletNode }) {
  if (!isSecureContext) {
    return `Browsers give the microphone to safe pages only, and ${location.origin} is none: open this page by https, or on the machine itself by http://localhost${location.port && `:${location.port}`}${location.pathname}.`;
  }
  if (!navigator.mediaDevices || !AudioWorkletNode) {
    return "This browser can't make calls: use a present Chrome, Edge, Firefox or Safari.";
  }
  return null;
}

/**
 * Say why there is no microphone.
 * @param {{ name: string }} error what `getUserMedia` has thrown
 */
export function microphoneSentence({ name }) {
  return OF_MICROPHONES[name] ?? `The microphone could not be opened (${name}): try another browser, or another microphone.`;
}
