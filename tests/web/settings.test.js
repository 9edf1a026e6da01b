import assert from "node:assert/strict";
import { test } from "node:test";

import { faultAt, without } from "../../web/console/parts/faults.js";
import { ALL_SCOPES, scopesInShort } from "../../web/console/settings/scopes.js";
import { CATEGORIES, categoryOf, definitionFor, readDefinition } from "../../web/console/settings/tool_definitions.js";
import { choicesOf, instantOf, listOf, numberOf, objectOf, rowsOf, textOf } from "../../web/console/settings/values.js";

const REFUSED = {
  message: "definition.url: This must not be empty. (2 more in errors)",
  problem: {
    errors: [
      { loc: ["body", "definition", "url"], msg: "This must not be empty." },
      { loc: ["body", "definition", "parameters", 1, "name"], msg: "This is no name." },
      { loc: ["body", "surprise"], msg: "This field is not known here." },
    ],
  },
};

test("a fault stands at its field, and says where in it, counted as people count", () => {
  assert.equal(faultAt(REFUSED, "definition", "url"), "This must not be empty.");
  assert.equal(faultAt(REFUSED, "definition", "parameters"), "2 › name: This is no name.");
  assert.equal(faultAt(REFUSED, "definition", "parameter"), "");
  assert.equal(faultAt(new Error("offline"), "definition", "url"), "");
});

test("what stands at no field is told with the refusal, and nothing twice", () => {
  const rest = without(REFUSED, [["definition", "url"], ["definition", "parameters"]]);
  assert.equal(rest.message, REFUSED.message);
  assert.deepEqual(rest.problem.errors, [REFUSED.problem.errors[2]]);
  const offline = new Error("offline");
  assert.equal(without(offline, [["name"]]), offline);
});

test("fields are read as the API takes them", () => {
  assert.deepEqual(listOf(" +1 \n\n+44"), ["+1", "+44"]);
  assert.deepEqual(["", " 7 ", "0", "1.5", "many", 3, null].map(numberOf), [null, 7, 0, 1.5, "many", 3, null]);
  assert.deepEqual([textOf("  "), textOf(" a ")], [null, "a"]);
  assert.equal(instantOf(""), null);
  assert.equal(new Date(instantOf("2030-05-06T07:08") ?? "").getHours(), 7);
  assert.deepEqual(choicesOf("1, 2,", "integer"), [1, 2]);
  assert.deepEqual(choicesOf("s,m", "string"), ["s", "m"]);
  assert.equal(choicesOf(" , ", "string"), null);
});

test("headers are rows while they are edited, and rows without a name are none", () => {
  const headers = { Accept: "text/plain", "X-Of": "{{caller_number}}" };
  assert.deepEqual(objectOf([...rowsOf(headers), { name: "", value: "typed first" }]), headers);
});

test("another category keeps what it has in common with the former one", () => {
  const http = { ...definitionFor("http_api"), url: "https://api.example.com", message: "One moment.", headers: { A: "b" } };
  assert.deepEqual(definitionFor("mcp", http), {
    url: "https://api.example.com",
    credential_uuid: null,
    tools_filter: [],
    timeout_ms: 5000,
    message: "One moment.",
  });
  assert.deepEqual(definitionFor("calculator", http), {});
  for (const category of Object.keys(CATEGORIES)) assert.ok(definitionFor(/** @type {any} */ (category)));
});

test("JSON that is no object is told, and defines nothing", () => {
  assert.deepEqual(readDefinition('{"url": "x", "of_later": 1}').definition, { url: "x", of_later: 1 });
  for (const text of ["", "{", "[]", "null", "3"]) {
    const { definition, fault } = readDefinition(text);
    assert.equal(definition, null);
    assert.match(fault, /^This/);
  }
});

test("what a key may do, in short", () => {
  assert.equal(scopesInShort(ALL_SCOPES), "everything");
  assert.equal(scopesInShort(["runs:read", "calls:write"]), "runs:read, calls:write");
});

test("a category of a newer release has a name, and no fields", () => {
  assert.deepEqual(categoryOf("send_fax"), { name: "send fax", entries: {} });
  assert.equal(categoryOf("mcp"), CATEGORIES.mcp);
});
