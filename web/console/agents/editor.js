/** The editor of one agent: its workflow as a graph and as text, its settings, its versions. */

import * as edited from "./document.js";
import { faultsAt } from "./faults.js";
import { freePlace } from "./geometry.js";
import { Graph } from "./graph.js";
import { Text, useText } from "./json.js";
import { KINDS } from "./kinds.js";
import { laidOut, places, shapeOf } from "./layout.js";
import { forgetNames } from "./names.js";
import { Piece } from "./piece.js";
import { Settings } from "./settings.js";
import { Trying } from "./trying.js";
import { readStored, unstored, useFaults, useWork } from "./use_work.js";
import { Conflict, Versions } from "./versions.js";
import { useLoaded } from "../loading.js";
import { Confirm } from "../parts/dialog.js";
import { useQuestion } from "../parts/form.js";
import { Failure, Loading } from "../parts/states.js";
import { writePlace } from "../router.js";
import { allows } from "../session.js";
import { html, useEffect, useMemo, useState } from "../../vendor/ui.js";

/** @param {{ uuid: string | null, name: string }} properties `uuid` is null for an agent that is to be made, called `name` */
export function Editor({ uuid, name }) {
  const loaded = useLoaded((signal) => (uuid ? readStored(uuid, signal) : Promise.resolve(unstored(name || "New agent"))), [uuid]);
  useEffect(forgetNames, []);
  return html`<p class="back"><a href=${writePlace(["agents"])}>All agents</a></p>
    <${Loading} loaded=${loaded}>${(first) => html`<${Workbench} first=${first} />`}<//>`;
}

const PANELS = { piece: "Chosen", faults: "Faults", json: "JSON", settings: "Settings", versions: "Versions" };

function Workbench({ first }) {
  const works = useWork(first);
  const { base, work, isNew, isUnsaved, saving, theirs } = works;
  const document = work.workflow_definition;
  const [chosen, setChosen] = useState(/** @type {edited.Chosen | null} */ (null));
  const [wanted, setWanted] = useState({ field: "" });
  const [panel, setPanel] = useState("piece");
  const [round, setRound] = useState(0);
  const [asks, setAsks] = useState("");
  const { faults, isChecking, error: checkError } = useFaults(document);
  const at = useMemo(() => places(document), [useMemo(() => shapeOf(document), [document])]);
  const change = (act, field) => works.edit((now) => ({ ...now, workflow_definition: act(now.workflow_definition) }), field);
  const text = useText(document, (now) => change(() => now, "text"));
  const mayWrite = allows("agents:write") && base.agent?.status !== "archived";
  // What is changed while an agent is made would not be in it.
  const isClosed = !mayWrite || (isNew && saving.isBusy);
  const isFixed = isClosed || text.isBroken;
  useQuestion(text.isBroken, "The JSON is broken, and not taken. Leave it?");
  const piece = chosen && edited.find(document, chosen);
  const isSaved = !isNew && !isUnsaved;

  function choose(next, field = "") {
    setChosen(next);
    setWanted({ field });
    if (next) setPanel("piece");
  }

  function add(type) {
    const { document: now, id } = edited.addNode(document, type, freePlace(at.values()));
    // What dagre has placed so far stays where one sees it.
    change(() => edited.place(now, at));
    choose({ kind: "nodes", id });
    setRound(round + 1);
  }

  function connect(source, target) {
    const { document: now, id } = edited.connect(document, source, target);
    change(() => now);
    choose({ kind: "edges", id }, "data.label");
  }

  function remove(gone) {
    change((now) => edited.remove(now, gone));
    choose(null);
  }

  function layOut() {
    change((now) => edited.place(now, laidOut(now)));
    setRound(round + 1);
  }

  function onKeyDown(event) {
    const key = (event.ctrlKey || event.metaKey) && event.key.toLowerCase();
    const isTyping = event.target.closest("input, textarea, select");
    if (event.target.closest("dialog")) return;
    if (key === "s") {
      if (!isFixed && !isSaved) works.save();
    } else if (key === "z" && !isTyping && !isFixed) (event.shiftKey ? works.redo : works.undo)();
    else if (key === "y" && !isTyping && !isFixed) works.redo();
    else return;
    event.preventDefault();
  }

  const panels = {
    piece: () => (piece && chosen
      ? html`<${Piece} key=${`${chosen.kind} ${chosen.id}`} document=${document} piece=${piece} chosen=${chosen} wanted=${wanted} isFixed=${isFixed}
          faults=${faultsAt(faults, chosen)} onChoose=${choose} onRemove=${() => remove(chosen)} onConnect=${(target) => connect(chosen.id, target)}
          onField=${(path, value) => change((now) => edited.setField(now, chosen, path, value), [chosen.kind, chosen.id, ...path].join(" "))}
          onRename=${(id) => {
            change((now) => edited.rename(now, chosen, id));
            choose({ ...chosen, id });
          }} />`
      : html`<p class="state">Choose a node or a way in the graph, or add a node.</p>`),
    faults: () => html`<${Faults} faults=${faults} isChecking=${isChecking} error=${checkError} onChoose=${choose} />`,
    json: () => html`<${Text} text=${text} isFixed=${isClosed} />`,
    settings: () => html`<${Settings} work=${work} isFixed=${isClosed} onEdit=${works.edit} />`,
    versions: () => html`<${Versions} base=${base} work=${work} isFixed=${isFixed} onTake=${(taken) => works.edit((now) => ({ ...now, ...taken }))} />`,
  };

  return html`<div class="workbench" onKeyDown=${onKeyDown}>
    <div class="heading">
      <h1>${work.name}</h1>
      <p class="saved" role="status">${stateOf({ ...works, mayWrite })}</p>
      <button type="button" class="leading" disabled=${!mayWrite || text.isBroken || saving.isBusy || isSaved} onClick=${works.save}>Save</button>
      <button type="button" disabled=${!mayWrite || !isSaved || !base.agent?.draft || saving.isBusy} onClick=${() => setAsks("publish")}>Publish</button>
      <button type="button" disabled=${isNew} onClick=${() => setAsks("try")}>Try it</button>
    </div>
    <${Failure} error=${saving.error} />
    ${text.isBroken && html`<div class="failure" role="alert">
      <p>${text.fault} The graph shows the last one that could be read, and waits.</p>
      <button type="button" onClick=${() => setPanel("json")}>Mend it</button> <button type="button" onClick=${text.drop}>Drop the text</button>
    </div>`}
    <div class="tools" role="toolbar" aria-label="Edit the graph">
      <button type="button" disabled=${isFixed || !works.canUndo} onClick=${works.undo}>Undo</button>
      <button type="button" disabled=${isFixed || !works.canRedo} onClick=${works.redo}>Redo</button>
      <${Adding} isFixed=${isFixed} hasStart=${edited.nodes(document).some(({ type }) => type === "startCall")} onAdd=${add} />
      <button type="button" disabled=${isFixed} onClick=${layOut}>Lay out</button>
    </div>
    <div class="bench">
      <${Graph} document=${document} places=${at} chosen=${chosen} faults=${faults} isFixed=${isFixed} round=${round} onChoose=${choose} onConnect=${connect}
        onMove=${(id, to) => change((now) => edited.place(now, new Map(at).set(id, to)), `place ${id}`)} onRemove=${(id) => remove({ kind: "nodes", id })} />
      <div class="card side">
        <div class="tabs" role="group" aria-label="Beside the graph">
          ${Object.entries(PANELS).map(([name, label]) => html`<button key=${name} type="button" aria-pressed=${panel === name} onClick=${() => setPanel(name)}>
            ${label}${name === "faults" && faults.length > 0 ? ` (${faults.length})` : ""}
          </button>`)}
        </div>
        ${panels[panel]()}
      </div>
    </div>
    ${theirs && html`<${Conflict} works=${works} />`}
    ${asks === "try" && base.agent && html`<${Trying} agent=${base.agent} isSaved=${isSaved} onClose=${() => setAsks("")} />`}
    ${asks === "publish" && html`<${Confirm} title="Publish this draft?" yes="Publish" isBusy=${saving.isBusy} onClose=${() => setAsks("")}
      onYes=${() => works.publish().then(() => setAsks(""))}>
      <p>Production calls run it from now on. Calls that go on end with the version that they have begun with.</p>
    <//>`}
  </div>`;
}

/** Where the work stands, in a sentence. */
function stateOf({ base, isNew, isUnsaved, saving, theirs, mayWrite }) {
  if (!mayWrite) return base.agent?.status === "archived" ? "Archived: unarchive it to edit it." : "Your key may look, and not edit.";
  if (saving.isBusy) return "Saving …";
  if (theirs) return "Not saved: somebody else has saved since.";
  if (isNew) return "Not stored yet";
  if (isUnsaved) return "Not saved";
  return base.agent.draft ? `Draft, version ${base.agent.draft.version}, saved` : `Version ${base.agent.published_version} is published`;
}

function Adding({ isFixed, hasStart, onAdd }) {
  const [type, setType] = useState("");
  const next = type || (hasStart ? "agentNode" : "startCall");
  return html`<label class="for-readers" for="new-type">Kind of the new node</label>
    <select id="new-type" class="short" disabled=${isFixed} value=${next} onInput=${({ currentTarget }) => setType(currentTarget.value)}>
      ${Object.entries(KINDS).map(([each, { name }]) => html`<option key=${each} value=${each}>${name}</option>`)}
    </select>
    <button type="button" disabled=${isFixed} onClick=${() => {
      onAdd(next);
      setType("");
    }}>Add node</button>`;
}

function Faults({ faults, isChecking, error, onChoose }) {
  return html`<section aria-labelledby="faults-title">
    <h2 id="faults-title">Faults</h2>
    <p class="hint" role="status">${isChecking ? "Checking …" : faults.length ? "What is wrong keeps the draft from being saved; hints do not." : "There are none: it can be saved."}</p>
    <${Failure} error=${error} />
    <ul class="faults">
      ${faults.map(({ chosen, field, message, isWarning, id, kind }, index) => html`<li key=${index}>
        ${isWarning && "Hint: "}${chosen ? html`<button type="button" onClick=${() => onChoose(chosen, field ?? "")}>${message}</button>` : message}
        <span class="hint"> ${[kind === "workflow" ? "" : `${kind} ${id ?? "without id"}`, field].filter(Boolean).join(", ")}</span>
      </li>`)}
    </ul>
  </section>`;
}
