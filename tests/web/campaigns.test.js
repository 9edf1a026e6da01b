import assert from "node:assert/strict";
import { test } from "node:test";

import { bodyOf, draftOf, editOf, emptyDraft, localOf, newWindow } from "../../web/console/campaigns/draft.js";
import { isMoving, outcomesOf, partsOf, sentenceOf } from "../../web/console/campaigns/standing.js";
import { MOST_BYTES, refusalOf } from "../../web/console/campaigns/uploading.js";
import { faultAt } from "../../web/console/parts/faults.js";

const CAMPAIGN = /** @type {any} */ ({
  name: "Reminders",
  agent_uuid: "a1",
  telephony_configuration_id: "t1",
  from_phone_number_ids: ["n1"],
  default_country: "DE",
  start_at: "2027-03-01T09:00:30.250Z",
  end_at: null,
  calling_windows: [{ weekdays: ["saturday", "monday"], opens: "20:00", closes: "24:00" }],
  respects_calling_hours: true,
  max_concurrent_calls: 7,
  calls_per_minute: 60,
  retries: { busy: { times: 2, after_minutes: 10 }, no_answer: null, voicemail: null, failed: null },
  has_callback: true,
  started_at: null,
});
const PROGRESS = /** @type {any} */ ({
  status: "running",
  contacts: 30,
  canceled: 0,
  new: 9,
  waiting: 5,
  dialling: 1,
  talking: 4,
  duplicates: 1,
  done: { busy: 1, confirmed: 7, no_answer: 2 },
});

test("what is edited is sent, and what was not touched stays as somebody else may have made it", () => {
  assert.deepEqual(editOf(CAMPAIGN, draftOf(CAMPAIGN)), { method: "patch", body: {}, losesCallback: false });
  const draft = { ...draftOf(CAMPAIGN), name: " April ", end_at: "2027-04-01T09:00", retries: draftOf({ ...CAMPAIGN, retries: {} }).retries };
  const end_at = new Date("2027-04-01T09:00").toISOString();
  assert.deepEqual(editOf(CAMPAIGN, draft).body, { name: "April", end_at, retries: {} });
});

test("what is sent as a whole has what was not touched as it was", () => {
  const { method, body } = editOf(CAMPAIGN, { ...draftOf(CAMPAIGN), default_country: "" });
  assert.equal(method, "put");
  const { end_at, has_callback, started_at, default_country, ...same } = CAMPAIGN;
  const weekdays = ["monday", "saturday"];
  assert.deepEqual(body, { ...same, calling_windows: [{ ...same.calling_windows[0], weekdays }], retries: { busy: { times: 2, after_minutes: 10 } } });
});

test("what is cleared is sent with the whole, which names the callback's address again", () => {
  const draft = { ...draftOf(CAMPAIGN), default_country: "" };
  assert.deepEqual([editOf(CAMPAIGN, draft).method, editOf(CAMPAIGN, draft).losesCallback], ["put", true]);
  assert.equal(editOf(CAMPAIGN, { ...draft, callback_url: "https://example.com/" }).losesCallback, false);
  assert.equal(editOf({ ...CAMPAIGN, has_callback: false }, draft).losesCallback, false);
});

test("lists that are emptied are parts that are sent", () => {
  const { method, body } = editOf(CAMPAIGN, { ...draftOf(CAMPAIGN), from_phone_number_ids: [], calling_windows: [] });
  assert.deepEqual([method, body.from_phone_number_ids, body.calling_windows], ["patch", [], []]);
});

test("a new campaign says only what was filled in", () => {
  const draft = { ...emptyDraft(), name: " March ", agent_uuid: "a1", default_country: "us", calling_windows: [newWindow()] };
  assert.deepEqual(bodyOf(draft), {
    name: "March",
    agent_uuid: "a1",
    from_phone_number_ids: [],
    default_country: "US",
    calling_windows: [{ weekdays: ["monday", "tuesday", "wednesday", "thursday", "friday"], opens: "09:00", closes: "17:00" }],
    respects_calling_hours: true,
    max_concurrent_calls: 5,
    calls_per_minute: 30,
    retries: {},
  });
});

test("an instant is in the reader's own time, and means the same", () => {
  assert.equal(localOf(null), "");
  assert.match(localOf("2027-03-01T09:00:30.250Z"), /^2027-0[23]-\d\dT\d\d:\d0$/);
  const draft = { ...emptyDraft(), end_at: localOf("2027-03-01T09:10:00.000Z") };
  assert.equal(bodyOf(draft).end_at, "2027-03-01T09:10:00.000Z");
});

test("each contact stands in one part of the bar", () => {
  assert.equal(partsOf(PROGRESS).reduce((sum, { count }) => sum + count, 0), PROGRESS.contacts);
  assert.deepEqual(partsOf(PROGRESS).map(({ from }) => from), [0, 10, 14, 15, 20, 29, 29]);
  assert.equal(sentenceOf(PROGRESS), "10 of 30 done, 4 talking, 1 being dialled, 5 to be called again, 1 passed over as duplicates");
});

test("outcomes come by their number, with their share of what is done", () => {
  assert.deepEqual(outcomesOf(PROGRESS), [
    { name: "confirmed", count: 7, share: 0.7 },
    { name: "no answer", count: 2, share: 0.2 },
    { name: "busy", count: 1, share: 0.1 },
  ]);
  assert.deepEqual(outcomesOf({ ...PROGRESS, done: {} }), []);
});

test("a campaign that is over moves until its last call has ended", () => {
  assert.deepEqual(
    [{}, { status: "paused" }, { status: "canceled", talking: 0, dialling: 0 }].map((changes) => isMoving({ ...PROGRESS, ...changes })),
    [true, true, false],
  );
});

test("files that can't be sent are refused before they are", () => {
  assert.match(refusalOf({ name: "a.csv", size: 0 }), /empty/);
  assert.match(refusalOf({ name: "a.csv", size: MOST_BYTES + 1 }), /split it/);
  assert.equal(refusalOf({ name: "a.csv", size: MOST_BYTES }), "");
});

test("a fault is told at its field, and at what that lies in", () => {
  const error = { problem: { errors: [{ loc: ["body", "calling_windows", 1, "closes"], msg: "Too early." }, { loc: ["body", "name"], msg: "Empty." }] } };
  assert.equal(faultAt(error, "calling_windows", 1), "closes: Too early.");
  assert.equal(faultAt(error, "calling_windows", 0), "");
  assert.equal(faultAt(error, "name"), "Empty.");
  assert.equal(faultAt(null, "name"), "");
});
