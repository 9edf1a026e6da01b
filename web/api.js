/** The REST API, from a page that the same address serves. */

const API_PATH = "/api/v1";

/** What the API has refused; `message` is its sentence, `status` 0 where nothing answered at all. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} detail
   */
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }

  /** Whether the same request may be taken later. */
  get isPassing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** The routes that pages use, each with the one API key. */
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

  /** Begin a session with an agent; return its `session_id`, `ws_url` and `ws_token`. */
  startSession(workflowId) {
    return this._ask("POST", "/streaming-sessions", { workflowId });
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

  async _ask(method, path, body) {
    const response = await this._reach(method, path, body);
    const document = await response.json().catch(() => null);
    if (response.ok) return document;
    throw new ApiError(response.status, document?.detail ?? `The address answered with status ${response.status}.`);
  }

  async _reach(method, path, body) {
    const headers = { "X-API-Key": this._key };
    if (body) headers["Content-Type"] = "application/json";
    const request = { method, headers, credentials: "omit", cache: "no-store" };
    if (body) request.body = JSON.stringify(body);
    try {
      return await this._send(API_PATH + path, request);
    } catch {
      throw new ApiError(0, "Offhook can't be reached: see whether it runs, and whether this machine is online.");
    }
  }
}

const runOf = (sessionId) => sessionId.replace(/^sess_/, "");
