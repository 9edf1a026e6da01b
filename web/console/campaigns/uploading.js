/** Sending a file of contacts from the browser into the bucket, by the URL that the API gives for it. */

/** What the API takes at most, in bytes. */
export const MOST_BYTES = 268_435_456;

// The browser writes this one itself, and lets nobody else.
const ITS_OWN = new Set(["content-length"]);

/**
 * Return why a file can't be sent, empty where it can.
 * @param {{ name: string, size: number }} file
 */
export function refusalOf({ name, size }) {
  if (!size) return `${name} is empty.`;
  if (size > MOST_BYTES) return `${name} is larger than 268 MB: split it, for a campaign takes several files.`;
  return "";
}

/**
 * Send a file; raise an error with a sentence where that fails, or an `AbortError`.
 * @param {import("../../types/api.js").Schemas["UploadDocument"]} upload
 * @param {File} file
 * @param {{ onSent: (share: number) => void, signal: AbortSignal }} options `onSent` gets how much is there, 0 to 1
 * @returns {Promise<void>}
 */
export function sendFile(upload, file, { onSent, signal }) {
  // fetch does not tell how much of a body has been sent.
  const request = new XMLHttpRequest();
  return new Promise((done, fail) => {
    // One that was stopped before tells nobody.
    signal.throwIfAborted();
    request.upload.onprogress = ({ loaded, total }) => onSent(total ? loaded / total : 0);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) done();
      else fail(new Error(`The store of files answered with status ${request.status}: send the file once more.`));
    };
    request.onerror = () => fail(new Error("The file did not arrive: see whether this machine is online, and send it once more."));
    request.onabort = () => fail(new DOMException("Stopped.", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.open(upload.method, upload.url);
    for (const [name, value] of Object.entries(upload.headers)) {
      if (!ITS_OWN.has(name.toLowerCase())) request.setRequestHeader(name, value);
    }
    request.send(file);
  });
}
