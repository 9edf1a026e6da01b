/** Values as people read them. */

const INSTANT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** Write an instant of the API in the reader's own time; nothing for none. */
export const instant = (text) => (text ? INSTANT.format(new Date(text)) : "");

/** Write seconds as `1:05`, or `1:00:05`. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "";
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Write a cost with as many digits as say something. */
export function dollars(usd) {
  if (usd === null || usd === undefined) return "";
  return `$${Number(usd).toFixed(Math.abs(usd) >= 1 ? 2 : 4)}`;
}

/** Write a name of the API, `no_answer`, as words. */
export const words = (name) => (name ?? "").replaceAll("_", " ");
