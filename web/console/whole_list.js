/** Lists that one chooses from: they are read whole, page after page. */

import { api } from "./session.js";

/** More than anybody chooses from; where there are as many, the others are named by their ids. */
export const MOST = 1000;
const A_PAGE = 200;

/**
 * Read a list as far as `MOST`.
 * @param {import("../types/api.js").PathOf<"get">} path
 * @param {import("../types/api.js").Options} [options]
 * @returns {Promise<any[]>}
 */
export async function wholeList(path, { query = {}, ...options } = {}) {
  const found = [];
  let cursor = "";
  do {
    const page = /** @type {any} */ (await api().get(path, { ...options, query: { ...query, cursor, limit: A_PAGE } }));
    found.push(...page.items);
    cursor = page.next_cursor ?? "";
  } while (cursor && found.length < MOST);
  return found;
}
