"""Reading runs over HTTP."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from offhook.errors import NotFoundError
from offhook.ids import new_run_id
from offhook.json_types import JsonObject
from offhook.organizations.model import Scope
from offhook.runs.document import CostDocument, LatencyDocument
from offhook.runs.ending.media import peaks_key, recording_key, transcript_key
from offhook.runs.ending.peaks import peaks_document
from offhook.runs.model import (
    Delivery,
    DeliveryStatus,
    Direction,
    Run,
    RunError,
    RunStatus,
    RunTelephony,
)
from tests.support.makers import make_event, make_run
from tests.support.rest import Install, Tenant

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SPOKEN: JsonObject = {"part": "synthesiser", "engine": "polly-neural"}
NO_COST = dict.fromkeys(CostDocument.model_fields) | {"unpriced": []}
NO_LATENCY = dict.fromkeys(LatencyDocument.model_fields)
USAGE: JsonObject = {
    "call_duration_seconds": 33.5,
    "llm": {
        "input_tokens": 20,
        "output_tokens": 3,
        "cached_tokens": 100,
        "cache_write_tokens": 0,
        "total_tokens": 123,
    },
    "stt_seconds": 30.2,
    "tts_characters": 120,
    "tts_spoken_characters": 99,
}


def add_run(install: Install, tenant: Tenant, **changes: Any) -> Run:
    # Dozens are made at noon: of ids by chance two would be the same now and then.
    at = {"id": new_run_id(changes["created_at"])} if "created_at" in changes else {}
    stands: dict[str, Any] = {
        **at,
        "created_at": NOON,
        "name": "WR-API-7823",
        "agent_uuid": tenant.agent_uuid,
        "status": RunStatus.DIALING,
        "initial_context": {"customer_name": "Jane"},
        "telephony": RunTelephony(
            configuration_id=tenant.configuration_id,
            caller_number="+12025550100",
            called_number="+14155550123",
            call_id="sess-0f3b",
        ),
        "stream_number": 1,
    }
    run = make_run(tenant.organization_id, **stands | changes)
    install.store.runs.create(run)
    return run


def add_finished_run(install: Install, tenant: Tenant) -> Run:
    """Make a run that a streamer owned and finished, with its recording and transcript in the bucket."""
    run = add_run(install, tenant)
    owned = install.store.runs.take_over(run, "streamer-1", NOON + timedelta(days=3650))
    assert owned.ownership is not None
    recording, transcript = recording_key(owned), transcript_key(owned)
    install.ports.media.put(recording, b"RIFF", "audio/wav")
    install.ports.media.put(transcript, b"{}", "application/json")
    finished = replace(
        owned,
        status=RunStatus.COMPLETED,
        ended_at=NOON + timedelta(seconds=40),
        disposition="confirmed",
        end_reason="end_call",
        gathered_context={"day": "tuesday"},
        usage=USAGE,
        cost={"total_usd": 0.01},
        latency={"turns": 3},
        recording_key=recording,
        transcript_key=transcript,
    )
    install.store.runs.finish(finished, owned.ownership)
    return finished


def get(install: Install, tenant: Tenant, path: str, **params: Any) -> tuple[int, dict[str, Any]]:
    reply = install.http.get(f"/api/v1{path}", params=params, headers=tenant.headers)
    return reply.status_code, reply.json()


def test_a_finished_run_is_shown_as_the_contract_says(install: Install, tenant: Tenant) -> None:
    run = add_finished_run(install, tenant)
    status, shown = get(install, tenant, f"/runs/{run.id}")
    recording_url, transcript_url = shown.pop("recording_url"), shown.pop("transcript_url")
    assert status == 200
    assert shown == {
        "id": run.id,
        "workflow_run_id": run.id,
        "name": "WR-API-7823",
        "session_id": f"sess_{run.id}",
        "agent_uuid": tenant.agent_uuid,
        "version": 1,
        "status": "completed",
        "direction": "outbound",
        "mode": "cloudonix",
        "disposition": "confirmed",
        "answered_by": None,
        "end_reason": "end_call",
        "created_at": "2026-11-20T12:00:00.000Z",
        "scheduled_at": None,
        "promise": None,
        "promised_in": None,
        "campaign_id": None,
        "started_at": None,
        "answered_at": None,
        "ended_at": "2026-11-20T12:00:40.000Z",
        "initial_context": {"customer_name": "Jane"},
        "gathered_context": {"day": "tuesday"},
        "logs": {},
        "usage_info": {**USAGE, "engines": None},
        "cost_info": NO_COST | {"total_usd": 0.01},
        "latency": NO_LATENCY | {"turns": 3},
        "failure": None,
        "telephony": {
            "configuration_id": tenant.configuration_id,
            "caller_number": "+12025550100",
            "called_number": "+14155550123",
            "call_id": "sess-0f3b",
        },
        "callback": None,
        "webhooks": [],
        "review": None,
        "annotations": {},
    }
    assert httpx.get(recording_url).content == b"RIFF"
    assert httpx.get(transcript_url).content == b"{}"


def test_a_failed_run_says_why(install: Install, tenant: Tenant) -> None:
    run = add_run(
        install,
        tenant,
        status=RunStatus.FAILED,
        error=RunError(code="carrier-refused", message="The carrier refused the request."),
    )
    _, shown = get(install, tenant, f"/runs/{run.id}")
    assert shown["failure"] == {"code": "carrier-refused", "message": "The carrier refused the request."}
    assert shown["usage_info"] is None
    assert shown["recording_url"] is None


def test_a_run_tells_how_far_its_callback_is_and_never_where_it_goes(
    install: Install, tenant: Tenant
) -> None:
    url = "https://hooks.example.com/resume/a-secret-of-the-receiver"
    run = add_run(install, tenant, callback=Delivery(url=url))
    _, shown = get(install, tenant, f"/runs/{run.id}")
    assert shown["callback"] == {"status": "pending", "attempts": 0, "last_attempt_at": None, "answer": None}
    delivered = Delivery(
        url=url, status=DeliveryStatus.DELIVERED, attempts=2, last_attempt_at=NOON, answer="200"
    )
    install.store.runs.note_delivery(run, delivered)
    _, shown = get(install, tenant, f"/runs/{run.id}")
    assert shown["callback"] == {
        "status": "delivered",
        "attempts": 2,
        "last_attempt_at": "2026-11-20T12:00:00.000Z",
        "answer": "200",
    }
    _, page = get(install, tenant, "/runs")
    assert page["items"] == [shown]
    assert "a-secret-of-the-receiver" not in str(page)


def test_another_organizations_run_is_404_everywhere(install: Install, tenant: Tenant) -> None:
    other = install.new_tenant(f"{tenant.organization_id}-b")
    run = add_finished_run(install, other)
    for path in ("", "/events", "/recording", "/transcript"):
        assert get(install, tenant, f"/runs/{run.id}{path}")[0] == 404
    assert get(install, tenant, f"/workflow/{other.agent_uuid}/runs")[0] == 404
    assert get(install, tenant, f"/workflow/{other.agent_uuid}/runs/{run.id}")[0] == 404
    assert get(install, tenant, "/runs") == (200, {"items": [], "next_cursor": None})


def test_runs_are_listed_newest_first_page_by_page(install: Install, tenant: Tenant) -> None:
    runs = [add_run(install, tenant, created_at=NOON + timedelta(seconds=second)) for second in range(5)]
    newest_first = [run.id for run in reversed(runs)]
    seen: list[int] = []
    cursor: dict[str, str] = {}
    while True:
        status, page = get(install, tenant, "/runs", limit=2, **cursor)
        assert status == 200
        assert len(page["items"]) <= 2
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == newest_first


def test_a_cursor_opens_only_the_list_that_it_came_from(install: Install, tenant: Tenant) -> None:
    for second in range(3):
        add_run(install, tenant, created_at=NOON + timedelta(seconds=second))
    _, page = get(install, tenant, "/runs", limit=1)
    other = install.new_tenant(f"{tenant.organization_id}-b")
    forged = "A" * 11 + page["next_cursor"][11:]
    for asked, cursor, params in (
        (tenant, page["next_cursor"], {"direction": "outbound"}),
        (other, page["next_cursor"], {}),
        (tenant, forged, {}),
        (tenant, "é", {}),
    ):
        status, reply = get(install, asked, "/runs", limit=1, cursor=cursor, **params)
        assert (status, reply["code"]) == (422, "invalid-cursor")


@pytest.mark.parametrize(
    "filters",
    [
        {"status": "completed"},
        {"disposition": "confirmed"},
        {"direction": "inbound"},
        {"caller": "+12025550111"},
        {"called": "+14155550111"},
        {"created_from": "2026-11-20T13:00:00Z"},
        {"created_from": "2026-11-20T14:00:00+01:00", "created_to": "2026-11-20T13:00:01Z"},
    ],
)
def test_each_filter_narrows_the_list(install: Install, tenant: Tenant, filters: dict[str, str]) -> None:
    add_run(install, tenant)
    wanted = add_run(
        install,
        tenant,
        created_at=NOON + timedelta(hours=1),
        status=RunStatus.COMPLETED,
        disposition="confirmed",
        direction=Direction.INBOUND,
        telephony=RunTelephony(caller_number="+12025550111", called_number="+14155550111"),
    )
    status, page = get(install, tenant, "/runs", **filters)
    assert status == 200
    assert [item["id"] for item in page["items"]] == [wanted.id]


def test_the_runs_beside_one_are_those_of_its_list(install: Install, tenant: Tenant) -> None:
    runs = [
        add_run(
            install,
            tenant,
            created_at=NOON + timedelta(hours=hour),
            status=RunStatus.BUSY if hour % 2 else RunStatus.FAILED,
        )
        for hour in range(5)
    ]
    here = f"/runs/{runs[2].id}/neighbours"
    for filters, older, newer in (
        ({}, runs[1].id, runs[3].id),
        ({"status": "failed", "agent_uuid": tenant.agent_uuid}, runs[0].id, runs[4].id),
        ({"created_from": "2026-11-20T14:00:00Z", "created_to": "2026-11-20T15:00:00Z"}, None, None),
        ({"created_from": "2026-11-20T16:00:00Z"}, None, runs[4].id),
        ({"created_to": "2026-11-20T13:00:00Z"}, runs[0].id, None),
    ):
        assert get(install, tenant, here, **filters) == (200, {"older": older, "newer": newer})


def test_a_filtered_list_goes_on_with_its_cursor(install: Install, tenant: Tenant) -> None:
    runs = [
        add_run(
            install,
            tenant,
            created_at=NOON + timedelta(seconds=second),
            status=RunStatus.BUSY if second % 3 else RunStatus.FAILED,
        )
        for second in range(9)
    ]
    filters = {"status": "busy", "agent_uuid": tenant.agent_uuid, "created_from": "2026-11-20T12:00:02Z"}
    wanted = [run.id for run in reversed(runs[2:]) if run.status is RunStatus.BUSY]
    seen: list[int] = []
    cursor: dict[str, str] = {}
    for _ in range(10):
        status, page = get(install, tenant, "/runs", limit=2, **filters, **cursor)
        assert status == 200
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == wanted


@pytest.mark.parametrize(
    ("created_from", "created_to"),
    [
        ("2026-11-21T00:00:00Z", "2026-11-20T00:00:00Z"),
        ("9999-12-31T23:59:58Z", "9999-12-31T23:59:59Z"),
        ("0001-01-01T00:00:00Z", "0001-01-02T00:00:00+14:00"),
    ],
)
def test_a_time_in_which_no_run_can_be_is_an_empty_list(
    install: Install, tenant: Tenant, created_from: str, created_to: str
) -> None:
    add_run(install, tenant)
    found = get(install, tenant, "/runs", created_from=created_from, created_to=created_to)
    assert found == (200, {"items": [], "next_cursor": None})


def test_a_plus_that_nobody_escaped_still_finds_the_number(install: Install, tenant: Tenant) -> None:
    run = add_run(install, tenant)
    reply = install.http.get("/api/v1/runs?called=+14155550123", headers=tenant.headers)
    assert [item["id"] for item in reply.json()["items"]] == [run.id]


def test_an_agents_runs_are_its_own(install: Install, tenant: Tenant) -> None:
    run = add_run(install, tenant)
    other_agent = install.add_agent(tenant.organization_id, f"o-{tenant.trigger_path}")
    add_run(install, tenant, agent_uuid=other_agent, created_at=NOON + timedelta(seconds=1))
    _, page = get(install, tenant, f"/workflow/{tenant.agent_uuid}/runs")
    assert [item["id"] for item in page["items"]] == [run.id]
    _, page = get(install, tenant, "/runs", agent_uuid=tenant.agent_uuid)
    assert [item["id"] for item in page["items"]] == [run.id]
    assert get(install, tenant, f"/workflow/{tenant.agent_uuid}/runs/{run.id}")[0] == 200
    assert get(install, tenant, f"/workflow/{other_agent}/runs/{run.id}")[0] == 404


@pytest.mark.parametrize(
    "params",
    [
        {"limit": "0"},
        {"limit": "201"},
        {"status": "done"},
        {"created_from": "yesterday"},
        {"created_from": "2026-11-20T13:00:00"},
    ],
)
def test_a_wrong_query_is_422_and_names_the_parameter(
    install: Install, tenant: Tenant, params: dict[str, str]
) -> None:
    status, reply = get(install, tenant, "/runs", **params)
    assert status == 422
    assert reply["errors"][0]["loc"] == ["query", *params]


@pytest.mark.parametrize("run_id", ["0", "-1", "abc", "9007199254740992", "1e3"])
def test_what_is_no_run_id_is_422(install: Install, tenant: Tenant, run_id: str) -> None:
    assert get(install, tenant, f"/runs/{run_id}")[0] == 422


def test_events_are_read_after_a_seq(install: Install, tenant: Tenant) -> None:
    run = add_run(install, tenant)
    events = [make_event(seq, "dtmf", NOON, digit=str(seq), offset_ms=20) for seq in range(1, 6)]
    install.store.events.append(run.id, events)
    _, page = get(install, tenant, f"/runs/{run.id}/events", after=1, limit=2)
    assert page == {
        "items": [
            {
                "seq": seq,
                "at": "2026-11-20T12:00:00.000Z",
                "type": "dtmf",
                "data": {"digit": str(seq), "offset_ms": 20},
            }
            for seq in (2, 3)
        ],
        "next_after": 3,
        "status": "dialing",
    }
    _, page = get(install, tenant, f"/runs/{run.id}/events", after=5)
    assert (page["items"], page["next_after"]) == ([], 5)


def test_each_turn_tells_what_it_took_and_cost(install: Install, tenant: Tenant) -> None:
    run = add_run(install, tenant)
    heard: JsonObject = {"part": "recogniser", "engine": "transcribe", "stream": 1, "seconds": 6}
    events = [
        make_event(1, "usage", turn=0, engines=[{**SPOKEN, "characters": 1000}]),
        make_event(2, "metrics", turn=1, endpointing_ms=200, model_ms=350.5, voice_to_voice_ms=550.5),
        make_event(3, "usage", turn=1, engines=[heard, {**SPOKEN, "characters": 500}]),
        make_event(4, "usage", turn=1, engines=[{**SPOKEN, "engine": "my-voice", "characters": 5}]),
    ]
    install.store.events.append(run.id, events)
    status, page = get(install, tenant, f"/runs/{run.id}/turns")
    assert status == 200
    greeting, first = page["items"]
    assert (greeting["turn"], greeting["voice_to_voice_ms"], greeting["slowest_stage"]) == (0, None, None)
    assert greeting["cost_info"]["tts_usd"] == 0.016
    assert (first["turn"], first["voice_to_voice_ms"], first["slowest_stage"]) == (1, 550.5, "model")
    assert first["stages_ms"] == {"endpointing": 200, "model": 350.5}
    assert [use["engine"] for use in first["engines"]] == ["transcribe", "polly-neural", "my-voice"]
    # 6 of the call's seconds: what its stream costs at least is no turn's own.
    assert first["cost_info"]["stt_usd"] == 0.0024
    assert (first["cost_info"]["tts_usd"], first["cost_info"]["unpriced"]) == (None, ["my-voice"])
    _, page = get(install, tenant, f"/runs/{run.id}/turns", after=0)
    assert ([turn["turn"] for turn in page["items"]], page["next_after"]) == ([1], 1)
    _, page = get(install, tenant, f"/runs/{run.id}/turns", after=1)
    assert page == {"items": [], "next_after": 1}


def test_recording_and_transcript_are_links_that_expire(install: Install, tenant: Tenant) -> None:
    run = add_finished_run(install, tenant)
    status, link = get(install, tenant, f"/runs/{run.id}/recording")
    assert status == 200
    assert httpx.get(link["url"]).content == b"RIFF"
    assert httpx.URL(link["url"]).params["X-Amz-Expires"] == "900"
    expires_in = datetime.fromisoformat(link["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=14) < expires_in <= timedelta(minutes=15)
    _, link = get(install, tenant, f"/runs/{run.id}/transcript")
    assert httpx.get(link["url"]).content == b"{}"


def test_a_run_without_a_recording_is_404_for_it(install: Install, tenant: Tenant) -> None:
    run = add_run(install, tenant)
    status, reply = get(install, tenant, f"/runs/{run.id}/recording")
    assert (status, reply["code"]) == (404, "recording-not-found")
    status, reply = get(install, tenant, f"/runs/{run.id}/transcript")
    assert (status, reply["code"]) == (404, "transcript-not-found")
    status, reply = get(install, tenant, f"/runs/{run.id}/peaks")
    assert (status, reply["code"]) == (404, "recording-not-found")


def test_the_peaks_of_a_recording_are_shown_and_go_with_the_run(install: Install, tenant: Tenant) -> None:
    run = add_finished_run(install, tenant)
    status, reply = get(install, tenant, f"/runs/{run.id}/peaks")
    # As a recording has none that is older than they are.
    assert (status, reply["code"]) == (404, "peaks-not-found")
    assert run.recording_key is not None
    install.ports.media.put(
        peaks_key(run.recording_key), peaks_document(memoryview(b"\xff\x80" * 1200)), "application/json"
    )
    status, shown = get(install, tenant, f"/runs/{run.id}/peaks")
    assert status == 200
    assert shown == {
        "version": 1,
        "peaks_per_second": 10,
        "duration_seconds": 0.15,
        "tracks": {"caller": [0, 0], "agent": [100, 100]},
    }
    assert install.http.delete(f"/api/v1/runs/{run.id}", headers=tenant.headers).status_code == 204
    with pytest.raises(NotFoundError):
        install.ports.media.get(peaks_key(run.recording_key))


def test_a_key_without_the_scope_reads_nothing(install: Install, tenant: Tenant) -> None:
    headers = install.add_key(tenant, Scope.CALLS_WRITE)
    reply = install.http.get("/api/v1/runs", headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (403, "scope-required")
