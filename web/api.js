/** The REST API, from a page that the same address serves. */

const API_PATH = "/api/v1";

/** What the API has refused; `message` is its sentence, `status` 0 where nothing answered at all. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} detail
   * @param {Record<string, any> | null} problem the whole problem document, where one was sent
   */
  constructor(status, detail, problem = null) {
    super(detail);
    this.status = status;
    this.problem = problem;
  }

  /** The stable name of what is wrong, empty where the answer had none. */
  get code() {
    return this.problem?.code ?? "";
  }

  /** Whether the same request may be taken later. */
  get isPassing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/**
 * The API with one key: `get`, `post` and so on take a path as its document writes it; the other methods are what the call's
 * page needs.
 */
export class Api {
  /**
   * @param {string} key
   * @param {typeof fetch} send
   */
  constructor(key, send = (...request) => fetch(...request)) {
    this._key = key;
    this._send = send;
  }

  /** Return the agents that can be talked to. */
  async agents() {
    return (await this._ask("GET", "/streaming-workflows?limit=200&sort=name")).items;
  }

  /** Return one agent with its nodes. */
  agent(id) {
    return this._ask("GET", `/streaming-workflows/${encodeURIComponent(id)}`);
  }

  /**
   * Begin a session with an agent; return its `session_id`, `ws_url` and `ws_token`.
   * @param {string} workflowId
   * @param {"production" | "test"} [mode] `test` runs its draft
   */
  startSession(workflowId, mode = "production") {
    return this._ask("POST", "/streaming-sessions", { workflowId, mode });
  }

  session(id) {
    return this._ask("GET", `/streaming-sessions/${encodeURIComponent(id)}`);
  }

  /** Return a fresh token for the socket of a session. */
  async token(id) {
    return (await this._ask("POST", `/streaming-sessions/${encodeURIComponent(id)}/token`)).ws_token;
  }

  /** Return what the log of a session holds after a seq. */
  async events(id, after) {
    return (await this._ask("GET", `/runs/${encodeURIComponent(runOf(id))}/events?after=${after}&limit=1000`)).items;
  }

  endSession(id) {
    return this._ask("DELETE", `/streaming-sessions/${encodeURIComponent(id)}`);
  }

  /**
   * @template {import("./types/api.js").PathOf<"get">} P
   * @param {P} path as it stands in the API's document, with its places
   * @param {import("./types/api.js").Options} [options]
   * @returns {Promise<import("./types/api.js").Reply<"get", P>>}
   */
  get(path, options) {
    return this._whole("GET", path, options);
  }

  /**
   * Like `get`, with the `ETag` that an edit names.
   * @template {import("./types/api.js").PathOf<"get">} P
   * @param {P} path
   * @param {import("./types/api.js").Options} [options]
   * @returns {Promise<import("./types/api.js").Tagged<import("./types/api.js").Reply<"get", P>>>}
   */
  tagged(path, options) {
    return this._tagged("GET", path, options);
  }

  /**
   * @template {import("./types/api.js").PathOf<"post">} P
   * @param {P} path
   * @param {import("./types/api.js").Options} [options]
   * @returns {Promise<import("./types/api.js").Reply<"post", P>>}
   */
  post(path, options) {
    return this._whole("POST", path, options);
  }

  /**
   * @template {import("./types/api.js").PathOf<"put">} P
   * @param {P} path
   * @param {import("./types/api.js").Options} [options]
   * @returns {Promise<import("./types/api.js").Reply<"put", P>>}
   */
  put(path, options) {
    return this._whole("PUT", path, options);
  }

  /**
   * @template {import("./types/api.js").PathOf<"patch">} P
   * @param {P} path
   * @param {import("./types/api.js").Options} [options]
   * @returns {Promise<import("./types/api.js").Reply<"patch", P>>}
   */
  patch(path, options) {
    return this._whole("PATCH", path, options);
  }

  /**
   * @template {import("./types/api.js").PathOf<"delete">} P
   * @param {P} path
   * @param {import("./types/api.js").Options} [options]
   * @returns {Promise<import("./types/api.js").Reply<"delete", P>>}
   */
  delete(path, options) {
    return this._whole("DELETE", path, options);
  }

  /**
   * Return the response itself, of what is no JSON.
   * @template {import("./types/api.js").PathOf<"get">} P
   * @param {P} path
   * @param {import("./types/api.js").Options} [options]
   */
  async response(path, options) {
    const response = await this._request("GET", path, options);
    if (!response.ok) await documentOf(response);
    return response;
  }

  /** @returns {Promise<any>} */
  async _whole(method, path, options) {
    return (await this._tagged(method, path, options)).document;
  }

  /** @param {import("./types/api.js").Options} [options] */
  async _tagged(method, path, options) {
    const response = await this._request(method, path, options);
    return { document: await documentOf(response), etag: response.headers.get("ETag") ?? "" };
  }

  /** @param {import("./types/api.js").Options} [options] */
  _request(method, path, options = {}) {
    const { path: places = {}, query = {}, body, ...rest } = options;
    const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(places[name]));
    return this._reach(method, filled + queryOf(query), body, rest);
  }

  async _ask(method, path, body) {
    return documentOf(await this._reach(method, API_PATH + path, body));
  }

  /**
   * @param {string} method
   * @param {string} address
   * @param {any} body
   * @param {Pick<import("./types/api.js").Options, "mediaType" | "ifMatch" | "signal">} [options]
   */
  async _reach(method, address, body, { mediaType, ifMatch, signal } = {}) {
    /** @type {Record<string, string>} */
    const headers = { "X-API-Key": this._key };
    if (body !== undefined) headers["Content-Type"] = mediaType ?? "application/json";
    if (ifMatch) headers["If-Match"] = ifMatch;
    /** @type {RequestInit} */
    const request = { method, headers, credentials: "omit", cache: "no-store", signal };
    if (body !== undefined) request.body = mediaType ? body : JSON.stringify(body);
    try {
      return await this._send(address, request);
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new ApiError(0, "Offhook can't be reached: see whether it runs, and whether this machine is online.");
    }
  }
}

/** Return the document of a reply, null where it has none; raise what it refuses. */
async function documentOf(response) {
  if (response.status === 204) return null;
  const document = await response.json().catch((error) => {
    if (error.name === "AbortError") throw error;
    if (response.ok) throw new ApiError(0, "The answer broke off, or is not Offhook's: try again.");
    return null;
  });
  if (response.ok) return document;
  const detail = document?.detail ?? `The address answered with status ${response.status}.`;
  throw new ApiError(response.status, detail, document);
}

function queryOf(query) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}

const runOf = (sessionId) => sessionId.replace(/^sess_/, "");
