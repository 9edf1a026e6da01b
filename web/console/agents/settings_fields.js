/** The settings that have a field of their own. */

/** @type {import("./kinds.js").FieldOf[]} the API's document has the rules, and the others */
export const SETTINGS = [
  { key: "language", label: "Language", form: "text", hint: "What it speaks and listens for: en-US where nothing is said." },
  { key: "voice", label: "Voice", form: "text", hint: "One of the synthesiser's, such as en-us+f2 or Joanna+generative." },
  { key: "model", label: "Language model of", form: "choice", choices: ["embedded", "bedrock", "openai"] },
  { key: "model_id", label: "Model", form: "text", hint: "Which of its models." },
  { key: "recogniser", label: "Hears by", form: "choice", choices: ["embedded", "transcribe"] },
  { key: "synthesiser", label: "Speaks by", form: "choice", choices: ["embedded", "polly"] },
  { key: "barge_in", label: "Callers may interrupt", form: "check", isUsual: true },
  { key: "endpointing_ms", label: "Silence that ends a turn, in milliseconds", form: "number" },
  { key: "idle_timeout_ms", label: "Silence after which it asks again, in milliseconds", form: "number" },
  { key: "idle_prompts", label: "What it asks then, one a line", form: "lines" },
  { key: "goodbye", label: "Goodbye", form: "text" },
  { key: "max_call_duration_seconds", label: "Longest call, in seconds", form: "number" },
  { key: "max_concurrent_calls", label: "Calls at once", form: "number" },
  { key: "record", label: "Calls are recorded", form: "check", isUsual: true },
  { key: "consent_line", label: "Said about that first", form: "text" },
  { key: "retention_days", label: "Days that runs are kept", form: "number" },
];
