/** The page `/call`: who calls whom, then the call, then what became of it. */

import { Api } from "../api.js";
import { obstacleOf } from "../audio/obstacles.js";
import { openSound } from "../audio/sound.js";
import { Call } from "./call.js";
import { at, element } from "./view.js";

const KEPT_KEY = "offhook.key";

/** What the address asks for: `#agent=` and the UUID of one, and `mode=test` for its draft. */
const asked = new URLSearchParams(location.hash.slice(1));
const askedAgent = asked.get("agent") ?? "";
const askedWorkflow = `wf_${askedAgent.replaceAll("-", "")}`;

let api = null;
let call = null;
let sound = null;

/** Show what is in the way and what to do about it; nothing when the sentence is empty. */
function trouble(sentence) {
  at("trouble").textContent = sentence;
  at("trouble").hidden = !sentence;
}

function show(phase) {
  document.body.dataset.phase = phase;
  at("before").hidden = phase !== "before";
  at("during").hidden = phase === "before";
  at("after").hidden = phase !== "after";
  for (const id of ["inject", "controls"]) at(id).hidden = phase === "after";
  for (const id of ["hang-up", "leave"]) at(id).hidden = true;
}

async function useKey() {
  const key = at("key").value.trim();
  api = new Api(key);
  if (at("keep").checked) sessionStorage.setItem(KEPT_KEY, key);
  else sessionStorage.removeItem(KEPT_KEY);
  if (key) await listAgents();
}

async function listAgents() {
  try {
    const agents = await api.agents();
    at("agent").replaceChildren(...agents.map(({ _id: value, name }) => element("option", { value }, name)));
    askForId(agents.length === 0);
    if (agents.some(({ _id: id }) => id === askedWorkflow)) at("agent").value = askedWorkflow;
    tellMode();
    if (!agents.length) at("agent-hint").textContent = "There is no agent yet: make one in the console, then choose it here.";
    trouble("");
  } catch (error) {
    // A key that may not list agents may still call one.
    askForId(error.status === 403);
    at("agent-hint").textContent = error.status === 403 ? "This key may not list agents: give the id of one." : "";
    trouble(error.status === 403 ? "" : error.message);
  }
}

function askForId(isAsked) {
  at("agent").hidden = isAsked;
  at("agent-id").hidden = !isAsked;
  at("agent-id").required = isAsked;
}

const modeOf = (agent) => (asked.get("mode") === "test" && [askedAgent, askedWorkflow].includes(agent) ? "test" : "production");

/** Say which version one will talk with, where it is not the usual one. */
function tellMode() {
  at("agent-hint").textContent = modeOf(at("agent").value) === "test" ? "Its draft, as it was saved last." : "";
}

const chosenAgent = () => (at("agent-id").hidden ? at("agent").value : at("agent-id").value.trim());

/** Do one thing for a form, which can't be sent again meanwhile; say what is in the way. */
function onSubmit(form, act) {
  at(form).addEventListener("submit", async (event) => {
    event.preventDefault();
    const [button] = at(form).querySelectorAll("button[type=submit]");
    button.disabled = true;
    trouble("");
    try {
      await act();
    } catch (error) {
      if (call === null) leave();
      trouble(error.message);
    } finally {
      button.disabled = false;
    }
  });
}

/** The sound first, while the click still counts; the socket when it runs. */
async function begin() {
  sound = await openSound({
    chunk: (chunk) => call?.hear(chunk),
    level: (level) => {
      at("level").value = Math.sqrt(level);
    },
    played: (name) => call?.played(name),
    sounding: (who, isSounding) => call?.sounding(who, isSounding),
    trouble,
  });
  if (api === null) await useKey();
  const agent = chosenAgent();
  const [{ session_id: id, ws_token: token }, nodes] = await Promise.all([api.startSession(agent, modeOf(agent)), nodesOf(agent)]);
  start({ id, nodes, takesLine: true }, token);
}

async function watch() {
  if (api === null) await useKey();
  const given = at("session").value.trim();
  const id = /^\d+$/.test(given) ? `sess_${given}` : given;
  const token = await api.token(id);
  const { workflow_id: agent } = await api.session(id);
  start({ id, nodes: await nodesOf(agent), takesLine: false }, token);
}

/** Return the names of an agent's nodes; a call does without them. */
async function nodesOf(agent) {
  const { nodes } = await api.agent(agent).catch(() => ({ nodes: [] }));
  return new Map(nodes.map(({ id, data }) => [id, data?.name ?? id]));
}

function start(session, token) {
  show("during");
  for (const id of ["voices", "mute", "hang-up"]) at(id).hidden = !session.takesLine;
  at("leave").hidden = session.takesLine;
  at("again").textContent = session.takesLine ? "Call again" : "Back";
  at("mute").setAttribute("aria-pressed", "false");
  call = new Call(api, session, over);
  call.open(token, sound);
  at("lines").focus();
}

function over(sentence) {
  call = null;
  sound = null;
  show("after");
  trouble(sentence);
  at("after-title").focus();
}

/** Back to the beginning, with the microphone given back. */
function leave() {
  call?.close();
  sound?.close();
  call = null;
  sound = null;
  show("before");
  at("state").textContent = "Not in a call";
  at("clock").textContent = "";
}

function inject() {
  const said = { text: at("text").value, role: at("role").value, interrupt: at("at-once").checked };
  call.ask("inject", said, "The agent has it.");
  at("text").value = "";
}

function pressKeys() {
  call.ask("dtmf", { digits: at("digits").value.toUpperCase() }, "");
  at("digits").value = "";
}

function mute() {
  const isMuted = at("mute").getAttribute("aria-pressed") !== "true";
  sound?.mute(isMuted);
  at("mute").setAttribute("aria-pressed", String(isMuted));
}

onSubmit("begin", begin);
onSubmit("watch", watch);
onSubmit("inject", inject);
onSubmit("keys", pressKeys);
at("key").addEventListener("change", useKey);
at("agent").addEventListener("change", tellMode);
at("keep").addEventListener("change", useKey);
at("mute").addEventListener("click", mute);
at("interrupt").addEventListener("click", () => call?.ask("interrupt", {}, ""));
at("hang-up").addEventListener("click", () => call?.hangUp().catch((error) => trouble(error.message)));
at("leave").addEventListener("click", leave);
at("again").addEventListener("click", leave);
document.addEventListener("click", () => sound?.resume());
addEventListener("pagehide", () => call?.close());

trouble(obstacleOf(window) ?? "");
at("agent-id").value = askedAgent;
at("key").value = sessionStorage.getItem(KEPT_KEY) ?? "";
at("keep").checked = at("key").value !== "";
if (at("key").value) useKey();
show("before");
