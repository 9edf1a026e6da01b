/** What is shown of each metric, and its figures as people read them. */

import { dollars, duration, words } from "../parts/words.js";

/** @typedef {import("../../types/api.js").Schemas["AnalyticsDocument"]} Analytics */
/** @typedef {{ title: string, names: string[] }} Plot */
/** @typedef {{ metric: string, title: string, hint: string, head: string[], plots: Plot[] }} Shown */

const STAGES = ["endpointing", "recognition", "model", "waiting", "synthesis", "playout"];
const MOST_LINES = 6;

/** @type {Shown[]} `head` are the figures that stand above the plots: without any of them there is nothing to show */
export const METRICS = [
  {
    metric: "runs",
    title: "Runs",
    hint: "In the hour in which each began, counted when it has ended. Runs of drafts are not counted.",
    head: ["total", "inbound", "outbound", "web"],
    plots: [{ title: "Runs", names: ["total", "completed", "failed", "no_answer", "busy"] }],
  },
  { metric: "dispositions", title: "Dispositions", hint: "How calls have ended, the most frequent first.", head: [], plots: [{ title: "Dispositions", names: [] }] },
  {
    metric: "answer_rate",
    title: "Answer rate",
    hint: "Of the outbound calls that were dialled.",
    head: ["dialled", "answered", "rate", "person_rate"],
    plots: [{ title: "Answer rate", names: ["rate", "person_rate"] }],
  },
  {
    metric: "minutes",
    title: "Minutes",
    hint: "Of talk, from the answer on.",
    head: ["minutes", "calls", "average_seconds"],
    plots: [{ title: "Minutes", names: ["minutes"] }],
  },
  {
    metric: "latency",
    title: "Latency",
    hint: "From the caller's last sound to the reply's first, and what of that each stage took.",
    head: ["p50_ms", "p95_ms", "turns"],
    plots: [
      { title: "Latency", names: ["p50_ms", "p95_ms"] },
      { title: "Stages, median", names: STAGES.map((stage) => `${stage}_p50_ms`) },
      { title: "Stages, 95th percentile", names: STAGES.map((stage) => `${stage}_p95_ms`) },
    ],
  },
  {
    metric: "cost",
    title: "Cost",
    hint: "Of what the engines did in the calls; what the carrier bills is not in it.",
    head: ["total_usd", "unpriced_runs"],
    plots: [{ title: "Cost", names: ["total_usd", "stt_usd", "llm_usd", "tts_usd", "infrastructure_usd", "other_usd"] }],
  },
  {
    metric: "concurrency",
    title: "Concurrency",
    hint: "Calls at once, of those that are over.",
    head: ["average", "peak"],
    plots: [{ title: "Concurrency", names: ["average", "peak"] }],
  },
];

const LABELS = {
  p50_ms: "median",
  p95_ms: "95th percentile",
  rate: "answered of these",
  person_rate: "by a person",
  stt_usd: "speech to text",
  llm_usd: "language model",
  tts_usd: "text to speech",
  unpriced_runs: "runs without a price",
  average_seconds: "average length",
  "*": "all others",
};

/** Say what a figure is of; dispositions are the organization's own words. */
export const labelOf = (metric, name) => (metric === "dispositions" && name !== "*" ? words(name) : LABELS[name] ?? words(name.replace(/(_p50|_p95)?_(ms|usd)$/, "")));

/** Write a figure with its unit, by its name; a dash where there is none. */
export function figure(name, value) {
  if (value === null || value === undefined) return "–";
  if (name.endsWith("_usd")) return dollars(value);
  if (name.endsWith("_ms")) return `${Math.round(value)} ms`;
  if (name.endsWith("rate")) return `${(value * 100).toFixed(1)} %`;
  if (name === "average_seconds") return duration(value);
  return Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 2 : 1);
}

/**
 * Return the names of a plot's lines: those that it names, else the first of what there is.
 * @param {Analytics} reply
 * @param {Plot} plot
 */
export const linesOf = (reply, { names }) => (names.length ? names : Object.keys(reply.totals).slice(0, MOST_LINES));

/** Say whether there is anything to show. */
export const hasAny = ({ totals }, { head }) => (head.length ? head : Object.keys(totals)).some((name) => totals[name]);

/**
 * Return the lines of a table, one for each hour, day or agent; those with nothing in them are left out.
 * @param {Analytics} reply
 * @param {string[]} names
 * @returns {{ at: number | string, values: (number | null)[] }[]} `at` is a second since 1970, or an agent's uuid
 */
export function rowsOf(reply, names) {
  const places = reply.by === "agent" ? reply.agents : reply.starts;
  const rows = places.map((at, index) => ({ at, values: names.map((name) => reply.series[name]?.[index] ?? null) }));
  return rows.filter(({ values }) => values.some((value, index) => value || (value === 0 && isOfSome(names[index]))));
}

/** A rate of 0 is news: of none, there is no rate. */
const isOfSome = (name) => name.endsWith("rate");
