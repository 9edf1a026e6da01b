/** What a workflow can name: other agents, tools, documents and credentials; each list is read once, when a form first shows it. */

import { MOST, wholeList } from "../whole_list.js";
import { useEffect, useState } from "../../vendor/ui.js";

/** @typedef {{ id: string, name: string }[]} Names */

const READ = {
  agents: () => all("/api/v1/agents", { status: "active" }),
  tools: () => all("/api/v1/tools"),
  documents: () => all("/api/v1/knowledge-documents"),
  credentials: () => all("/api/v1/credentials"),
};

/** @type {Map<string, Promise<Names>>} */
const asked = new Map();

/**
 * Return what there is of a kind; null while it is not known, where the key may not read it, and where there is too much of it.
 * @param {keyof typeof READ} of
 * @returns {Names | null}
 */
export function useNames(of) {
  const [names, setNames] = useState(/** @type {Names | null} */ (null));
  useEffect(() => {
    let isSeen = true;
    if (!asked.has(of)) asked.set(of, READ[of]());
    asked.get(of)?.then((found) => isSeen && found.length < MOST && setNames(found), () => asked.delete(of));
    return () => {
      isSeen = false;
    };
  }, [of]);
  return names;
}

/** Forget what was read: it may have changed since the last visit. */
export const forgetNames = () => asked.clear();

async function all(path, query = {}) {
  const found = await wholeList(path, { query });
  return found.map(({ uuid, name, title }) => ({ id: uuid, name: name ?? title ?? uuid }));
}
