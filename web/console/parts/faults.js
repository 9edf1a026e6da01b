/** What the API has against single fields of a body. */

/**
 * Return the sentences about a field and what lies in it, empty for none.
 * @param {any} error
 * @param {...(string | number)} place such as `"calling_windows", 0`
 * @returns {string}
 */
export function faultAt(error, ...place) {
  const here = (error?.problem?.errors ?? []).filter((fault) => isIn(fault, place));
  return here.map(({ loc, msg }) => [loc.slice(place.length + 1).map(counted).join(" › "), msg].filter(Boolean).join(": ")).join(" ");
}

/**
 * Return a refusal without what is told beside fields already.
 * @param {any} error
 * @param {(string | number)[][]} places of these fields
 */
export function without(error, places) {
  if (!error?.problem?.errors) return error;
  const errors = error.problem.errors.filter((fault) => !places.some((place) => isIn(fault, place)));
  return { message: error.message, problem: { ...error.problem, errors } };
}

const isIn = ({ loc = [] }, place) => place.every((part, index) => loc[index + 1] === part);

/** People count from 1. */
const counted = (part) => (typeof part === "number" ? part + 1 : part);
