/** The state of the editor: what is stored, what one has made of it, and how the two come together. */

import { compare } from "./diff.js";
import { begin, edit, redo, replace, undo } from "./edits.js";
import { faultsOf } from "./faults.js";
import { changes, stored } from "./work.js";
import { useAction } from "../loading.js";
import { keepUntilAsked, writePlace } from "../router.js";
import { api } from "../session.js";
import { useEffect, useMemo, useState } from "../../vendor/ui.js";

/** How long one has to pause before the workflow is checked: each check is a request. */
const CHECK_AFTER_MS = 400;

/** @typedef {import("./work.js").Work} Work @typedef {import("./work.js").Stored} Stored */

// What an agent begins with that is not stored yet.
/** @type {(name: string) => Stored} */
export const unstored = (name) => ({
  work: { name, description: "", is_public: true, workflow_definition: { nodes: [], edges: [] }, settings: {} },
  etag: "",
  agent: null,
});

/**
 * Read an agent with the documents that an editor begins with.
 * @param {string} uuid
 * @param {AbortSignal} [signal]
 * @returns {Promise<Stored>}
 */
export async function readStored(uuid, signal) {
  const path = { agent_uuid: uuid };
  const agent = await api().get("/api/v1/agents/{agent_uuid}", { path, signal });
  if (agent.draft) return stored(agent, agent.draft);
  const version = agent.published_version ?? 1;
  return stored(agent, await api().get("/api/v1/agents/{agent_uuid}/versions/{version}", { path: { ...path, version }, signal }));
}

/**
 * Edit what is stored.
 * @param {Stored} first
 */
export function useWork(first) {
  const [base, setBase] = useState(first);
  const [history, setHistory] = useState(() => begin(/** @type {Work} */ (first.work)));
  /** Somebody else's, which has refused ours. */
  const [theirs, setTheirs] = useState(/** @type {Stored | null} */ (null));
  const saving = useAction();
  const work = history.present;
  const changed = useMemo(() => changes(base.work, work), [base, work]);
  const isNew = base.agent === null;
  const isUnsaved = isNew ? history.past.length > 0 : changed !== null;
  useEffect(() => (isUnsaved ? keepUntilAsked("What you have changed in this agent is not saved. Leave it?") : undefined), [isUnsaved]);

  /** Take a stored state as the one to compare with; what was edited since it was sent stays. */
  function settle(now, sent) {
    setBase(now);
    setTheirs(null);
    setHistory((latest) => (latest.present === sent ? replace(latest, now.work) : latest));
  }

  /** Save; where somebody else was quicker theirs is read, and nothing is lost. */
  async function save(go, etag = base.etag) {
    if (isNew) {
      const agent = await api().post("/api/v1/agents", { body: work });
      go(writePlace(["agents", agent.uuid]), { replace: true });
      return;
    }
    const agent = /** @type {import("./work.js").AgentDocument} */ (base.agent);
    const path = { agent_uuid: agent.uuid };
    try {
      const body = changes(theirs?.work ?? base.work, work) ?? {};
      const now = await api().patch("/api/v1/agents/{agent_uuid}", { path, body, ifMatch: etag });
      settle(now.draft ? stored(now, now.draft) : stored(now, work), work);
    } catch (error) {
      if (error.status !== 412) throw error;
      setTheirs(await readStored(agent.uuid));
    }
  }

  async function publish() {
    const path = { agent_uuid: /** @type {import("./work.js").AgentDocument} */ (base.agent).uuid };
    try {
      await api().post("/api/v1/agents/{agent_uuid}/publish", { path, ifMatch: base.etag });
      settle(await readStored(path.agent_uuid), work);
    } catch (error) {
      if (error.status !== 412) throw error;
      setTheirs(await readStored(path.agent_uuid));
    }
  }

  return {
    base,
    work,
    isNew,
    isUnsaved,
    theirs,
    saving,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    undo: () => setHistory(undo),
    redo: () => setHistory(redo),
    /** @param {(work: Work) => Work} act @param {string} [field] edits of the same field are one step */
    edit: (act, field) => setHistory((latest) => edit(latest, act(latest.present), { field, atMs: Date.now() })),
    save: () => saving.run((go) => save(go)),
    publish: () => saving.run(publish),
    /** What saving over theirs would change of it. */
    differences: () => (theirs ? compare(theirs.work, work) : []),
    /** Ours as it is, knowing theirs: it is refused again where there is a third. */
    saveOver: () => saving.run((go) => save(go, theirs?.etag)),
    /** Theirs in the place of ours, which one step back brings again. */
    takeTheirs() {
      if (!theirs) return;
      setHistory((latest) => edit(latest, theirs.work));
      setBase(theirs);
      setTheirs(null);
    },
  };
}

/**
 * Have the API check a workflow, a moment after it was last changed.
 * @returns {{ faults: import("./faults.js").Fault[], isChecking: boolean, error: Error | null }}
 */
export function useFaults(document) {
  const [state, setState] = useState({ faults: /** @type {import("./faults.js").Fault[]} */ ([]), isChecking: true, error: /** @type {Error | null} */ (null) });
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    setState((before) => ({ ...before, isChecking: true }));
    const timer = setTimeout(() => {
      api().post("/api/v1/agents/validate", { body: { workflow_definition: document }, signal }).then(
        (verdict) => signal.aborted || setState({ faults: faultsOf(verdict, document), isChecking: false, error: null }),
        (error) => signal.aborted || setState((before) => ({ ...before, isChecking: false, error })),
      );
    }, CHECK_AFTER_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [document]);
  return state;
}
