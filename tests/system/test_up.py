"""A whole install, spoken to as its user does: eight people are called at once, and what they leave behind is looked at."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

import httpx
import pytest

from offhook.clock import from_iso
from offhook.runs.log.projections import STAGES
from tests.support.processes import wait_for
from tests.support.recordings import Recording
from tests.support.whole_install import CALL_LIMIT_S, Document, WholeInstall, offhook, whole_install

pytestmark = pytest.mark.timeout(150)

NUMBERS = ("0106", "0102", "0101", "0107", "0103", "0100", "0104", "0105")
"""Whom the simulated carrier lets answer, the longest calls first; `local.people.magic_numbers` says what they do."""
ANSWERED = {"0100": 1, "0101": 3, "0102": 0, "0103": 3, "0104": 0, "0107": 1}
"""Who picks up, and how often they speak."""
GREETING = ("Hello Ada, this is the Maple Street clinic.", "You have an appointment on Monday.")
QUESTION = "Does that still suit you?"
BARGE_IN_MS = 300
# Marks and clears travel, and on a busy machine audio comes late of which the call's clock is made; half a second is also
# what the recording's length may differ by.
SLACK_MS = 500

every_answered_call = pytest.mark.parametrize("number", ANSWERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a call has left: its run, its log, and the two files."""

    run: Document
    events: list[Document]
    segments: list[Document]
    recording: Recording

    def told(self, type_: str) -> list[Document]:
        return [event["data"] for event in self.events if event["type"] == type_]

    def said_by(self, speaker: str) -> list[str]:
        return [segment["text"] for segment in self.segments if segment["speaker"] == speaker]


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """An install, and the runs of the calls to its eight people, which were all placed at the start."""

    install: WholeInstall
    run_ids: dict[str, int]
    over: Callable[[str], Document]
    """Waits for the end of the call to a number; returns its run."""
    call: Callable[[str], Call]
    """The same of one that was answered; returns all that it left."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    home = tmp_path_factory.mktemp("up")
    with whole_install(home, "--data", str(home / "data")) as install:
        run_ids = {
            number: install.call(f"+1555555{number}", customer_name="Ada", provider="nobody")
            for number in NUMBERS
        }

        @cache
        def over(number: str) -> Document:
            return install.wait_until_over(run_ids[number])

        @cache
        def call(number: str) -> Call:
            return read_call(install, over(number))

        yield Town(install=install, run_ids=run_ids, over=over, call=call)
        for number in NUMBERS:
            over(number)


@pytest.fixture(scope="module")
def install(town: Town) -> WholeInstall:
    return town.install


def read_call(install: WholeInstall, run: Document) -> Call:
    recording, transcript = (fetch(run[link]) for link in ("recording_url", "transcript_url"))
    return Call(
        run=run,
        events=install.events(run["id"]),
        segments=transcript.json()["segments"],
        recording=Recording.read(recording.content),
    )


def fetch(url: str) -> httpx.Response:
    """Open a link as anybody can who has it."""
    reply = httpx.get(url, trust_env=False)
    assert reply.status_code == 200
    return reply


def test_the_first_line_tells_what_a_program_needs(install: WholeInstall) -> None:
    assert sorted(install.first_line) == [
        "agent_uuid",
        "api_key",
        "aws_endpoint_url",
        "base_url",
        "call_url",
        "carrier_url",
        "organization_id",
        "trigger_path",
        "ws_url",
    ]
    assert install.first_line["ws_url"] == install.base_url.replace("http", "ws", 1)
    assert install.http.get("/healthz").json() == {"status": "ok"}
    assert install.http.get("/openapi.json").json()["openapi"].startswith("3.1")
    assert install.http.get("/docs").status_code == 200


def test_the_carrier_knows_its_own(install: WholeInstall) -> None:
    url = f"{install.first_line['carrier_url']}/calls/demo.cloudonix.net/application"
    dial = {"destination": "+15555550100", "caller-id": "+15555550100", "cxml": "<Response/>"}
    assert httpx.post(url, json=dial, trust_env=False).status_code == 401


def test_the_first_key_of_an_organization_is_made_in_its_aws(install: WholeInstall) -> None:
    env = {"AWS_ENDPOINT_URL": install.first_line["aws_endpoint_url"]}
    made = offhook(
        "keys", "create", "--bootstrap", "--organization", "acme", "--json", cwd=install.home, env=env
    )
    assert made.status == 0, made.err
    headers = {"X-API-Key": made.document["api_key"]}
    assert install.http.get("/api/v1/runs", headers=headers).json() == {"items": [], "next_cursor": None}
    foreign = install.http.post(
        f"/api/v1/public/agent/workflow/{install.first_line['agent_uuid']}",
        headers=headers,
        json={"phone_number": "+15555550100"},
    )
    assert foreign.status_code == 404


@every_answered_call
def test_an_answered_call_leaves_a_whole_run(town: Town, number: str) -> None:
    run = town.call(number).run
    assert sorted(run) == sorted(
        [
            *("workflow_run_id", "id", "name", "session_id", "agent_uuid", "version", "status", "direction"),
            *("mode", "disposition", "end_reason", "created_at", "started_at", "answered_at", "ended_at"),
            *("initial_context", "gathered_context", "logs", "recording_url", "transcript_url", "usage_info"),
            *(
                "cost_info",
                "latency",
                "failure",
                "telephony",
                "callback",
                "answered_by",
                "webhooks",
                "review",
                "annotations",
                "campaign_id",
                "scheduled_at",
                "promise",
                "promised_in",
            ),
        ]
    )
    assert run["id"] == run["workflow_run_id"] == town.run_ids[number]
    assert re.fullmatch(r"WR-API-\d{4}", run["name"])
    assert run["session_id"] == f"sess_{run['id']}"
    assert (run["status"], run["direction"], run["mode"]) == ("completed", "outbound", "cloudonix")
    assert (run["agent_uuid"], run["version"]) == (town.install.first_line["agent_uuid"], 1)
    assert run["failure"] is None
    moments = [run[name] for name in ("created_at", "started_at", "answered_at", "ended_at")]
    assert all(moment.endswith("Z") for moment in moments)
    assert sorted(moments, key=from_iso) == moments


@every_answered_call
def test_a_caller_cannot_overwrite_what_the_system_stamps(town: Town, number: str) -> None:
    context = town.call(number).run["initial_context"]
    assert context["customer_name"] == "Ada"
    assert context["provider"] == "cloudonix"
    assert context["called_number"] == f"+1555555{number}"


@every_answered_call
def test_usage_cost_and_latency_are_added_up(town: Town, number: str) -> None:
    run = town.call(number).run
    usage, latency = run["usage_info"], run["latency"]
    answered_s = (from_iso(run["ended_at"]) - from_iso(run["answered_at"])).total_seconds()
    assert usage["call_duration_seconds"] == pytest.approx(answered_s, abs=1.5)
    assert set(usage["llm"].values()) == {0}
    assert (usage["stt_seconds"] > 0) == (ANSWERED[number] > 0)
    assert run["cost_info"]["total_usd"] == 0
    assert latency["turns"] == ANSWERED[number]
    if ANSWERED[number]:
        assert 0 < latency["p50_ms"] <= latency["p95_ms"] <= latency["max_ms"]
        assert latency["slowest_stage"] in STAGES
        # Where all replies are clips nobody is waited for.
        measured = [stage for stage in STAGES if latency[f"{stage}_p50_ms"] is not None]
        assert {"endpointing", "recognition", "model", "synthesis"} <= set(measured)
        assert all(latency[f"{stage}_p50_ms"] <= latency[f"{stage}_p95_ms"] for stage in measured)


def test_all_calls_add_up_to_what_each_of_them_was(town: Town) -> None:
    # Another test may have called one more of them.
    ids = [run["id"] for run in town.install.http.get("/api/v1/runs").json()["items"]]
    runs = [town.install.wait_until_over(run_id) for run_id in ids]

    def totals(metric: str) -> Document:
        asked = {"metric": metric, "from": runs[-1]["created_at"]}
        found: Document = town.install.http.get("/api/v1/analytics", params=asked).json()["totals"]
        return found

    # A row is final a moment before it is counted.
    wait_for(lambda: totals("runs")["total"] == len(runs), CALL_LIMIT_S)
    statuses = [run["status"] for run in runs]
    assert [totals("runs")[status] for status in statuses] == [*map(statuses.count, statuses)]
    told = totals("answer_rate")
    assert (told["dialled"], told["answered"]) == (
        len(runs),
        sum(run["answered_at"] is not None for run in runs),
    )
    seconds = [run["usage_info"]["call_duration_seconds"] for run in runs if run["usage_info"]]
    assert totals("minutes")["minutes"] == pytest.approx(sum(seconds) / 60, abs=0.01)
    latency = totals("latency")
    assert latency["turns"] == sum(ANSWERED.values())
    spoken = [run["latency"] for run in runs if run["latency"] and run["latency"]["turns"]]
    assert latency["p95_ms"] == pytest.approx(max(each["max_ms"] for each in spoken), rel=0.05, abs=1)


@every_answered_call
def test_each_turn_of_a_call_tells_what_it_took_and_cost(town: Town, number: str) -> None:
    run = town.call(number).run
    turns = town.install.turns(run["id"])
    answered = [turn for turn in turns if turn["voice_to_voice_ms"] is not None]
    assert len(answered) == ANSWERED[number]
    for turn in answered:
        assert sum(turn["stages_ms"].values()) == pytest.approx(turn["voice_to_voice_ms"], abs=1)
        assert turn["stages_ms"][turn["slowest_stage"]] == max(turn["stages_ms"].values())
    told = [use["characters"] for turn in turns for use in turn["engines"]]
    assert sum(told) == run["usage_info"]["tts_characters"]


@every_answered_call
def test_the_log_of_a_call_is_whole(town: Town, number: str) -> None:
    call = town.call(number)
    types = [event["type"] for event in call.events]
    assert [event["seq"] for event in call.events] == list(range(1, len(types) + 1))
    assert types[0] == "takeover"
    assert types.count("end") == 1
    assert call.told("end")[0]["disposition"] == call.run["disposition"]
    for after in (0, 1, len(types) // 2, len(types) - 1, len(types), len(types) + 5):
        assert town.install.events(call.run["id"], after=after) == call.events[after:]


@every_answered_call
def test_the_peaks_are_those_of_the_recording(town: Town, number: str) -> None:
    call = town.call(number)
    shown = town.install.http.get(f"/api/v1/runs/{call.run['id']}/peaks").json()
    assert shown["tracks"] == {"caller": call.recording.caller.peaks(), "agent": call.recording.agent.peaks()}
    assert shown["duration_seconds"] * 1000 == pytest.approx(call.recording.duration_ms, abs=1)


@every_answered_call
def test_the_recording_holds_what_was_said_where_it_was_said(town: Town, number: str) -> None:
    call = town.call(number)
    seconds = call.run["usage_info"]["call_duration_seconds"]
    assert call.recording.duration_ms / 1000 == pytest.approx(seconds, abs=0.5)
    for speaker in ("caller", "agent"):
        track = getattr(call.recording, speaker)
        spans = [(s["start_ms"], s["end_ms"]) for s in call.segments if s["speaker"] == speaker]
        assert all(track.voiced_ms(*span) for span in spans)
        elsewhere = [
            ms
            for ms in track.voiced_ms(0, call.recording.duration_ms)
            if not any(start - SLACK_MS <= ms <= end + SLACK_MS for start, end in spans)
        ]
        assert elsewhere == []


@every_answered_call
def test_the_two_files_have_addresses_of_their_own(town: Town, number: str) -> None:
    run = town.call(number).run
    for what in ("recording", "transcript"):
        link = town.install.http.get(f"/api/v1/runs/{run['id']}/{what}").json()
        assert fetch(link["url"]).content == fetch(run[f"{what}_url"]).content


def test_pages_of_the_install_and_no_others_read_parts_of_a_recording(
    town: Town, install: WholeInstall
) -> None:
    url = town.call("0100").run["recording_url"]
    whole = fetch(url).content
    policy = install.http.get("/").headers["Content-Security-Policy"]
    assert f"media-src 'self' blob: {origin_of(url)};" in policy
    for origin in (install.base_url, install.base_url.replace("127.0.0.1", "localhost")):
        part = httpx.get(url, headers={"Origin": origin, "Range": "bytes=58-157"}, trust_env=False)
        assert (part.status_code, part.content) == (206, whole[58:158])
        assert part.headers["Content-Range"] == f"bytes 58-157/{len(whole)}"
        assert part.headers["Access-Control-Allow-Origin"] == origin
        assert "Content-Range" in part.headers["Access-Control-Expose-Headers"]
    foreign = httpx.get(url, headers={"Origin": "https://elsewhere.example"}, trust_env=False)
    assert "Access-Control-Allow-Origin" not in foreign.headers


def test_pages_of_the_install_and_no_others_send_files_of_contacts(install: WholeInstall) -> None:
    agent = {"name": "Sent by a page", "agent_uuid": install.first_line["agent_uuid"]}
    campaign = install.http.post("/api/v1/campaigns", json=agent).json()
    content = b"phone_number\n+14155550100\n"
    path = f"/api/v1/campaigns/{campaign['id']}/uploads"
    upload = install.http.post(path, json={"size_bytes": len(content)}).json()
    assert (
        f"connect-src 'self' {origin_of(upload['url'])};"
        in install.http.get("/").headers["Content-Security-Policy"]
    )
    wish = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
    own, foreign = (
        httpx.options(upload["url"], headers={"Origin": origin, **wish}, trust_env=False)
        for origin in (install.base_url, "https://elsewhere.example")
    )
    assert (own.status_code, foreign.status_code) == (200, 403)
    assert own.headers["Access-Control-Allow-Origin"] == install.base_url
    assert "PUT" in own.headers["Access-Control-Allow-Methods"].split(", ")
    assert "content-type" in own.headers["Access-Control-Allow-Headers"].split(", ")
    headers = {"Origin": install.base_url, "Content-Type": "text/csv"}
    sent = httpx.put(upload["url"], content=content, headers=headers, trust_env=False)
    assert (sent.status_code, sent.headers["Access-Control-Allow-Origin"]) == (200, install.base_url)
    begun = install.http.post(
        f"/api/v1/campaigns/{campaign['id']}/imports", json={"upload_id": upload["upload_id"]}
    )
    assert begun.status_code == 202


def origin_of(url: str) -> str:
    return "{0.scheme}://{0.netloc}".format(urlsplit(url))


def test_who_says_yes_confirms(town: Town) -> None:
    call = town.call("0100")
    assert (call.run["disposition"], call.run["end_reason"]) == ("confirmed", "end_call")
    assert call.said_by("agent")[:3] == [*GREETING, QUESTION]
    assert call.said_by("agent")[-1] == "Goodbye."
    assert call.run["gathered_context"] == {}


def test_who_wants_another_day_is_heard_and_gets_it(town: Town) -> None:
    call = town.call("0101")
    assert call.run["disposition"] == "rescheduled"
    assert call.run["gathered_context"] == {"day": "Thursday"}
    assert call.said_by("caller") == ["no another day", "thursday", "yes that is right"]
    assert "Your appointment is now on Thursday." in call.said_by("agent")
    ways = [node["to"] for node in call.told("node")]
    assert ways == ["greet", "which_day", "confirm_day", "rescheduled"]


def test_who_is_silent_is_asked_again_and_then_let_go(town: Town) -> None:
    call = town.call("0102")
    assert call.run["disposition"] == "inactivity"
    assert call.said_by("caller") == []
    said = call.said_by("agent")
    assert said[:3] == [*GREETING, QUESTION]
    assert said[3:5] == ["Are you still there?", QUESTION]
    assert said[-1] == "Goodbye."


def test_who_talks_over_the_agent_stops_it(town: Town) -> None:
    call = town.call("0103")
    began = next(data for data in call.told("speech") if data["state"] == "started")
    (interrupt,) = call.told("interrupt")
    assert interrupt["by"] == "caller"
    assert 0 <= interrupt["offset_ms"] - began["offset_ms"] <= BARGE_IN_MS
    reply_ms = min(s["start_ms"] for s in call.segments if s["turn"] == 1 and s["speaker"] == "agent")
    first_voiced_ms = call.recording.caller.voiced_ms(0, reply_ms)[0]
    assert call.recording.agent.voiced_ms(0, first_voiced_ms)
    assert call.recording.agent.voiced_ms(first_voiced_ms + BARGE_IN_MS, reply_ms) == []
    assert call.recording.agent.voiced_ms(reply_ms, reply_ms + 1_000)


def test_only_what_was_heard_of_an_interrupted_sentence_is_kept(town: Town) -> None:
    call = town.call("0103")
    heard, *later = call.said_by("agent")
    assert call.run["disposition"] == "rescheduled", call.events
    assert heard
    assert heard != GREETING[0]
    assert GREETING[0].startswith(heard)
    assert not {GREETING[1], QUESTION} & {*later}
    assert call.said_by("caller") == ["no another day", "thursday", "yes that is right"]


def test_who_hangs_up_in_mid_sentence_has_completed_the_call(town: Town) -> None:
    call = town.call("0104")
    assert (call.run["status"], call.run["disposition"]) == ("completed", "user_hangup")
    (heard,) = call.said_by("agent")
    assert GREETING[0].startswith(heard)


def test_keys_take_the_way_that_words_take(town: Town) -> None:
    call = town.call("0107")
    assert [pressed["digit"] for pressed in call.told("dtmf")] == ["2", "1"]
    assert [node["reason"] for node in call.told("node")] == ["start", "dtmf", "phrase", "dtmf"]
    assert call.run["disposition"] == "rescheduled"
    assert call.run["gathered_context"] == {"day": "Thursday"}


@pytest.mark.parametrize(("number", "status"), [("0105", "busy"), ("0106", "no_answer")])
def test_who_is_not_reached_leaves_a_run_that_says_so(town: Town, number: str, status: str) -> None:
    run = town.over(number)
    assert (run["status"], run["disposition"]) == (status, status)
    assert run["answered_at"] is None
    assert (run["recording_url"], run["transcript_url"]) == (None, None)
    assert town.install.events(run["id"]) == []


GOOD_BODY = b'{"phone_number": "+15555550100"}'


@pytest.mark.parametrize(
    ("headers", "path", "body", "status", "hint"),
    [
        ({"X-API-Key": ""}, None, GOOD_BODY, 401, "key"),
        ({"X-API-Key": "dg_wrong"}, None, GOOD_BODY, 401, "key"),
        ({"X-API-Key": "dg_wrong"}, None, b"{" * 2_000_000, 401, "key"),
        ({}, "/api/v1/public/agent/nobody", GOOD_BODY, 404, ""),
        ({}, "/api/v1/public/agent/workflow/nobody", GOOD_BODY, 404, ""),
        ({}, "/api/v1/public/agent", GOOD_BODY, 404, "/docs"),
        ({}, None, b'{"phone_number": "0100"}', 422, "E.164"),
        ({}, None, b'{"phone_number": "+15555550100", "customer_name": "Ada"}', 422, "initial_context"),
        ({}, None, b'{"phone_number": "+1555', 422, "JSON"),
        ({}, None, b"\x00\xff", 422, ""),
        ({}, None, b"{}", 422, "phone_number"),
        ({}, None, b'{"phone_number": "' + b"1" * 2_000_000 + b'"}', 413, ""),
    ],
    ids=[
        "no key",
        "wrong key",
        "wrong key and a large body",
        "unknown trigger",
        "unknown agent",
        "unknown address",
        "wrong number",
        "unknown field",
        "broken JSON",
        "bytes",
        "no number",
        "2 MB",
    ],
)
def test_bad_input_is_answered_and_leaves_nothing_half_made(
    install: WholeInstall, headers: dict[str, str], path: str | None, body: bytes, status: int, hint: str
) -> None:
    before = install.run_ids()
    reply = install.http.post(path or install.trigger, content=body, headers=headers)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert hint in reply.text
    assert install.run_ids() == before


def test_the_command_line_places_a_call_and_follows_it(install: WholeInstall) -> None:
    called = install.offhook("call", "+15555550104", "--context", "customer_name=Grace", "--follow", "--json")
    assert called.status == 0, called.err
    reply, *events, run = map(json.loads, called.out.splitlines())
    assert run["workflow_run_id"] == reply["workflow_run_id"]
    assert events == install.events(run["id"])
    assert run["disposition"] == "user_hangup"
    assert "Hello Grace" in called.out


def test_the_command_line_shows_runs(town: Town) -> None:
    call = town.call("0104")
    shown = town.install.offhook("tail", str(call.run["id"]))
    assert (shown.status, shown.err) == (0, "")
    assert "completed, user_hangup" in shown.out
    listed = town.install.offhook("runs", "--json")
    assert listed.status == 0
    assert call.run["id"] in [run["id"] for run in listed.document["items"]]


def test_a_key_of_the_command_line_opens_until_it_is_archived(install: WholeInstall) -> None:
    made = install.offhook("keys", "create", "--name", "crm", "--scope", "runs:read", "--json").document
    headers = {"X-API-Key": made["api_key"]}
    assert install.http.get("/api/v1/runs", headers=headers).status_code == 200
    assert install.http.get("/api/v1/user/api-keys", headers=headers).status_code == 403
    listed = install.offhook("keys", "list", "--json").document["items"]
    assert made["id"] in [key["id"] for key in listed]
    assert "api_key" not in listed[0]
    assert install.offhook("keys", "archive", made["id"]).status == 0
    assert install.http.get("/api/v1/runs", headers=headers).status_code == 401


def test_the_doctor_finds_nothing_wrong(install: WholeInstall) -> None:
    seen = install.offhook("doctor", "--json")
    findings = {line["subject"]: line for line in map(json.loads, seen.out.splitlines())}
    assert seen.status == 0, seen.out
    assert install.base_url in findings["install"]["sentence"]
    assert findings["key"]["is_well"]
