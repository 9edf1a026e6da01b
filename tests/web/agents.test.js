import assert from "node:assert/strict";
import { test } from "node:test";

import { compare } from "../../web/console/agents/diff.js";
import { addNode, connect, edges, nodes, place, positionOf, put, remove, rename, setField } from "../../web/console/agents/document.js";
import { begin, edit, redo, undo } from "../../web/console/agents/edits.js";
import { faultsAt, faultsOf, sentencesAt } from "../../web/console/agents/faults.js";
import { bounds, fit, NODE, ways, zoom } from "../../web/console/agents/geometry.js";
import { laidOut, places, shapeOf } from "../../web/console/agents/layout.js";
import { read, write } from "../../web/console/agents/text.js";
import { changes } from "../../web/console/agents/work.js";

/** With what no editor of ours knows, at each level. */
const strange = () => ({
  viewport: { zoom: 2 },
  nodes: [
    { id: "a", type: "startCall", width: 3, position: { x: 1, y: 2, z: 9 }, data: { name: "A", colour: "red", transfer: { to: "+1", later: [1] } } },
    { id: "b", type: "of-tomorrow", data: { name: "B", deep: { er: null } } },
    "no node",
  ],
  edges: [{ id: "e", source: "a", target: "b", animated: true, data: { label: "On", extra: 1 } }, { id: "lost", source: "a", target: "?" }],
});

/** Take out what an edit was meant to change, so that the rest can be compared. */
const without = (value, ...path) => put(value, path, undefined);

test("each edit leaves all that it is not about as it was, known or not", () => {
  const before = strange();
  const text = JSON.stringify(before);
  const edited = {
    field: setField(before, { kind: "nodes", id: "a" }, ["data", "name"], "Other"),
    inner: setField(before, { kind: "nodes", id: "a" }, ["data", "transfer", "to"], "+2"),
    edge: setField(before, { kind: "edges", id: "e" }, ["data", "label"], "Off"),
    place: place(before, new Map([["a", { x: 5.4, y: 6 }]])),
  };
  assert.deepEqual(without(edited.field, "nodes", 0, "data", "name"), without(before, "nodes", 0, "data", "name"));
  assert.deepEqual(without(edited.inner, "nodes", 0, "data", "transfer", "to"), without(before, "nodes", 0, "data", "transfer", "to"));
  assert.deepEqual(edited.inner.nodes[0].data.transfer, { to: "+2", later: [1] });
  assert.deepEqual(without(edited.edge, "edges", 0, "data", "label"), without(before, "edges", 0, "data", "label"));
  assert.deepEqual(edited.place.nodes[0].position, { x: 5, y: 6, z: 9 });
  assert.deepEqual(without(edited.place, "nodes", 0, "position"), without(before, "nodes", 0, "position"));
  const added = addNode(before, "endCall", { x: 0, y: 0 }).document;
  assert.deepEqual([...before.nodes, added.nodes[3]], added.nodes);
  assert.deepEqual({ ...added, nodes: before.nodes }, before);
  const joined = connect(before, "b", "a").document;
  assert.deepEqual([...before.edges, joined.edges[2]], joined.edges);
  assert.equal(JSON.stringify(before), text);
});

test("what no node's form has stays in the document when a node goes", () => {
  const gone = remove(strange(), { kind: "nodes", id: "b" });
  assert.deepEqual(gone.nodes, [strange().nodes[0], "no node"]);
  assert.deepEqual(gone.edges, [strange().edges[1]]);
  assert.deepEqual(gone.viewport, { zoom: 2 });
});

test("an id that changes takes its edges along", () => {
  const renamed = rename(strange(), { kind: "nodes", id: "a" }, "z");
  assert.deepEqual(renamed.edges.map(({ source, target }) => [source, target]), [["z", "b"], ["z", "?"]]);
  assert.equal(renamed.edges[0].animated, true);
});

test("a document of no form is edited too", () => {
  for (const document of [{}, { nodes: 3, edges: null }, { nodes: [null, [], { id: 4 }], edges: [{}] }]) {
    assert.deepEqual([nodes(document), edges(document)], [[], []]);
    const { document: added, id } = addNode(document, "startCall", { x: 0, y: 0 });
    assert.equal(nodes(added).length, 1);
    assert.equal(nodes(remove(added, { kind: "nodes", id })).length, 0);
  }
});

test("ids and names of new pieces are free ones", () => {
  const one = addNode({}, "agentNode", { x: 0, y: 0 });
  const two = addNode(one.document, "agentNode", { x: 0, y: 0 });
  assert.deepEqual(two.document.nodes.map(({ id, data }) => [id, data.name]), [["agentNode", "Step"], ["agentNode-2", "Step 2"]]);
  const long = connect({}, "s".repeat(64), "t".repeat(64));
  assert.ok(connect(long.document, "s".repeat(64), "t".repeat(64)).id.length <= 64);
});

test("edits are taken back and done again, and a new one drops what was to come", () => {
  let history = begin("a");
  history = edit(edit(history, "b"), "c");
  history = undo(undo(history));
  assert.equal(undo(history).present, "a");
  assert.equal(redo(redo(redo(history))).present, "c");
  assert.equal(redo(edit(history, "d")).present, "d");
});

test("what is typed into a field is one step, after a pause another", () => {
  let history = begin("");
  history = edit(history, "h", { field: "say", atMs: 1000 });
  history = edit(history, "hi", { field: "say", atMs: 1200 });
  history = edit(history, "hi!", { field: "say", atMs: 9000 });
  history = edit(history, "other", { field: "name", atMs: 9001 });
  assert.deepEqual(history.past, ["", "hi", "hi!"]);
  assert.deepEqual(edit(undo(history), "hi!?", { field: "say", atMs: 9002 }).past, ["", "hi", "hi!"]);
});

test("a hundred nodes are laid out, each in a place of its own, along their edges", () => {
  let document = {};
  for (let index = 0; index < 100; index += 1) {
    document = addNode(document, "agentNode", undefined).document;
    if (index) document = connect(document, document.nodes[(index - 1) >> 1].id, document.nodes[index].id).document;
  }
  const found = laidOut(document);
  const all = [...found.values()];
  assert.equal(all.length, 100);
  for (const [index, one] of all.entries()) {
    for (const other of all.slice(index + 1)) {
      assert.ok(Math.abs(one.x - other.x) >= NODE.width || Math.abs(one.y - other.y) >= NODE.height);
    }
  }
  for (const { source, target } of document.edges) assert.ok(found.get(source).y < found.get(target).y);
});

test("places of the document count; what has none stands below them", () => {
  const found = places(strange());
  assert.deepEqual(found.get("a"), { x: 1, y: 2 });
  assert.ok(found.get("b").y > 2 + NODE.height);
  assert.equal(positionOf({ position: { x: "1", y: 2 } }), null);
});

test("edges of the same two nodes go different ways, and one to itself has a way too", () => {
  const at = new Map([["a", { x: 0, y: 0 }], ["b", { x: 0, y: 300 }]]);
  const found = ways([["1", "a", "b"], ["2", "a", "b"], ["3", "b", "a"], ["4", "a", "a"]].map(([id, source, target]) => ({ id, source, target })), at);
  assert.equal(new Set(found.map(({ path }) => path)).size, 4);
  assert.equal(new Set(found.map(({ label }) => JSON.stringify(label))).size, 4);
  for (const { path } of found) assert.match(path, /^M-?\d+ -?\d+C(-?\d+ ){5}-?\d+$/);
});

test("the window holds the whole graph, and zooming keeps the point that it is about", () => {
  const box = bounds([{ x: 0, y: 0 }, { x: 4000, y: 100 }]);
  const view = fit(box, { width: 400, height: 400 });
  assert.ok(view.x <= 0 && view.x + view.width >= 4000 + NODE.width);
  const near = zoom(view, 0.5, { x: 100, y: 100 });
  assert.ok(Math.abs((100 - view.x) / view.width - (100 - near.x) / near.width) < 1e-9);
});

test("what differs is told by node, edge and field; a node that was only moved is moved", () => {
  const work = (workflow_definition) => ({ name: "N", description: "", is_public: true, workflow_definition, settings: { record: true } });
  const before = strange();
  let after = setField(before, { kind: "nodes", id: "a" }, ["data", "name"], "Z");
  after = place(after, new Map([["b", { x: 1, y: 1 }]]));
  after = addNode(remove(after, { kind: "edges", id: "e" }), "endCall", { x: 0, y: 0 }).document;
  const found = compare(work(before), { ...work(after), settings: { record: false } });
  assert.deepEqual(
    found.map(({ kind, id, change, fields }) => [kind, id, change, ...(change === "added" ? [] : fields.map(({ path }) => path))]),
    [["nodes", "a", "changed", "data.name"], ["nodes", "b", "moved"], ["nodes", "endCall", "added"], ["edges", "e", "removed"], ["settings", "", "changed", "record"]],
  );
  assert.deepEqual(compare(work(before), work(strange())), []);
});

test("only what differs is saved", () => {
  const work = { name: "N", description: "", is_public: true, workflow_definition: strange(), settings: {} };
  assert.equal(changes(work, { ...work, workflow_definition: strange() }), null);
  assert.deepEqual(changes(work, { ...work, name: "M" }), { name: "M" });
});

test("what was written is read again", () => {
  assert.deepEqual(read(write(strange())), { document: strange() });
});

test("where JSON is broken is told by line and column", () => {
  const told = (text) => read(text).fault;
  assert.match(told('{\n  "nodes": [,]\n}'), /line 2, column 13/);
  assert.match(told('{"a": 1 "b": 2}'), /line 1, column 9/);
  assert.match(told('{"a": 1,}'), /line 1, column 9/);
  assert.match(told('{"a": tru}'), /line 1, column 7/);
  assert.match(told('{"a": "x\ny"}'), /line 1, column 7/);
  assert.match(told('{"a": [1}'), /line 1, column 9/);
  assert.match(told('{"a": 1}}'), /line 1, column 9/);
  assert.match(told(""), /line 1, column 1/);
  assert.match(told('{"a": {'), /line 1, column 8/);
  assert.match(told("[]"), /object/);
});

test("a large text that is broken at its end is read in no time", () => {
  const began = performance.now();
  assert.ok("fault" in read(write({ nodes: Array.from({ length: 5000 }, (_, id) => ({ id, data: { say: "hello" } })) }).slice(0, -1)));
  assert.ok(performance.now() - began < 1000);
});

test("faults are found by their piece and field; those of no piece are of the whole", () => {
  const problem = (kind, id, field) => ({ kind, id, field, message: `${field}!` });
  const found = faultsOf({ errors: [problem("node", "a", "data.transfer.to"), problem("edge", "nowhere", null), problem("workflow", null, null)], warnings: [problem("edge", "e", "data.label")] }, strange());
  assert.deepEqual(found.map(({ chosen }) => chosen?.id ?? null), ["a", null, null, "e"]);
  const ofNode = faultsAt(found, { kind: "nodes", id: "a" });
  assert.equal(sentencesAt(ofNode, ["data", "transfer"]), "data.transfer.to!");
  assert.equal(sentencesAt(ofNode, ["data", "trans"]), "");
  assert.deepEqual(faultsAt(found, { kind: "edges", id: "e" }).map(({ isWarning }) => isWarning), [true]);
});

test("nodes are laid out anew when one comes, goes, moves or leads elsewhere, and not for a word that is typed", () => {
  const begun = addNode(addNode({}, "startCall", undefined).document, "endCall", undefined).document;
  const typed = setField(begun, { kind: "nodes", id: "startCall" }, ["data", "say"], "Hello.");
  assert.equal(shapeOf(typed), shapeOf(begun));
  const led = connect(begun, "startCall", "endCall").document;
  const moved = place(led, new Map([["endCall", { x: 1, y: 2 }]]));
  const shapes = [{}, begun, led, moved, remove(moved, { kind: "nodes", id: "endCall" })].map(shapeOf);
  assert.equal(new Set(shapes).size, 5);
});
