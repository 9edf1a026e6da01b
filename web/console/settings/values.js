/** What stands in fields as text, and what the API takes: lists, numbers, instants, pairs. */

/** Read one thing a line; empty lines are none. */
export const listOf = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);

/** Write one thing a line. */
export const linesOf = (list) => (list ?? []).join("\n");

/** Read a number, null where nothing stands; what is none stays as it is, for the API to say so. */
export function numberOf(text) {
  const given = String(text ?? "").trim();
  if (!given) return null;
  return Number.isNaN(Number(given)) ? given : Number(given);
}

/** Read what a field for date and time holds, in the reader's own time; null where nothing stands. */
export const instantOf = (text) => (text ? new Date(text).toISOString() : null);

/** Return a text, null for an empty one. */
export const textOf = (text) => text.trim() || null;

/** Write an object of texts as rows. */
export const rowsOf = (object) => Object.entries(object ?? {}).map(([name, value]) => ({ name, value }));

/** Read rows as an object of texts; rows without a name are none. */
export const objectOf = (rows) => Object.fromEntries(rows.filter(({ name }) => name).map(({ name, value }) => [name, value]));

/**
 * Read the values that a parameter may take, as they stand between commas; null where there are none.
 * @param {string} text
 * @param {string} type `integer` and `number` make numbers of them
 */
export function choicesOf(text, type) {
  const given = text.split(",").map((choice) => choice.trim()).filter(Boolean);
  if (!given.length) return null;
  return type === "integer" || type === "number" ? given.map(numberOf) : given;
}
