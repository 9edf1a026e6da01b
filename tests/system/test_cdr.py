"""The carrier's records of calls that are over: what they settle, and what a forged one can't."""

import logging
from datetime import timedelta
from typing import Any

import httpx
import pytest

from offhook.clock import system_clock
from offhook.runs.model import Run, RunStatus
from tests.support.carrier import Answer, Silence
from tests.support.live_runs import stored
from tests.support.rest import BEARER_TOKEN, Install, Tenant
from tests.support.triggers import post_trigger, runs_of
from tests.support.webhooks import (
    CALLER,
    CDR,
    WEBHOOK_KEY,
    announce,
    carrier_headers,
    connect,
    webhook,
)

SUCCESS = {"status": "success"}
NO_RUN = {"status": "ignored", "reason": "workflow_run_not_found"}
GONE = Answer(status=404)


@pytest.fixture
def keyed(install: Install, tenant: Tenant) -> Tenant:
    """Return an organization whose CDRs carry a key."""
    connect(install, tenant, webhook_api_key=WEBHOOK_KEY)
    return tenant


@pytest.fixture
def keyless(install: Install, tenant: Tenant) -> Tenant:
    """Return an organization whose calls are looked up at the carrier."""
    connect(install, tenant)
    return tenant


def dialled(install: Install, tenant: Tenant) -> Run:
    """Place a call, and return its run."""
    assert post_trigger(install, tenant).status_code == 200
    (run,) = runs_of(install, tenant)
    assert run.telephony.call_id is not None
    install.carrier.reset()
    return run


def cdr_of(tenant: Tenant, run: Run, disposition: str | None = "NOANSWER", **changes: Any) -> dict[str, Any]:
    return {
        "call_id": "CA1",
        "domain": tenant.cloudonix_domain,
        "from": tenant.caller_number,
        "to": CALLER,
        "disposition": disposition,
        "duration": 31,
        "billsec": 0,
        "session": {"token": run.telephony.call_id},
        **changes,
    }


def report(install: Install, body: Any, key: str | None = WEBHOOK_KEY) -> httpx.Response:
    reply = install.http.post(CDR, json=body, headers=carrier_headers(key))
    assert reply.status_code == 200
    return reply


@pytest.mark.parametrize(
    ("disposition", "status"),
    [
        ("NOANSWER", RunStatus.NO_ANSWER),
        ("no-answer", RunStatus.NO_ANSWER),
        ("BUSY", RunStatus.BUSY),
        ("CANCEL", RunStatus.CANCELED),
        ("canceled", RunStatus.CANCELED),
        ("CONGESTION", RunStatus.FAILED),
        ("FAILED", RunStatus.FAILED),
        # Answered, and no media stream ever came.
        ("ANSWER", RunStatus.FAILED),
        ("completed", RunStatus.FAILED),
    ],
)
def test_a_dial_that_came_to_nothing_is_settled_by_its_cdr(
    install: Install, keyed: Tenant, disposition: str, status: RunStatus
) -> None:
    run = dialled(install, keyed)
    assert report(install, cdr_of(keyed, run, disposition)).json() == SUCCESS
    settled = stored(install, run)
    assert (settled.status, settled.disposition) == (status, status.value)
    assert install.store.ledgers.get(keyed.organization_id).live == frozenset()
    assert install.carrier.asked == []


def test_a_call_that_came_in_and_hung_up_is_settled_by_its_cdr(install: Install, keyed: Tenant) -> None:
    announce(install, webhook(keyed))
    (run,) = runs_of(install, keyed)
    assert report(install, cdr_of(keyed, run, "CANCEL")).json() == SUCCESS
    assert stored(install, run).status is RunStatus.CANCELED


def test_a_cdr_changes_nothing_when_it_comes_again_or_late(install: Install, keyed: Tenant) -> None:
    run = dialled(install, keyed)
    report(install, cdr_of(keyed, run, "BUSY"))
    before = stored(install, run)
    assert report(install, cdr_of(keyed, run, "NOANSWER")).json() == SUCCESS
    assert stored(install, run) == before


def test_a_call_that_talks_is_left_to_its_streamer(install: Install, keyed: Tenant) -> None:
    run = dialled(install, keyed)
    runs = install.store.runs
    held = runs.take_over(run, "streamer-1", system_clock() + timedelta(seconds=15))
    runs.advance(held, RunStatus.IN_PROGRESS)
    assert report(install, cdr_of(keyed, run, "ANSWER")).json() == SUCCESS
    assert stored(install, run).status is RunStatus.IN_PROGRESS


@pytest.mark.parametrize("disposition", [None, "", "SLEEPING", "ringing", 5])
def test_a_disposition_that_says_nothing_changes_nothing(
    install: Install, keyed: Tenant, disposition: Any
) -> None:
    run = dialled(install, keyed)
    reply = report(install, cdr_of(keyed, run, disposition))
    assert reply.json() == {"status": "ignored", "reason": "unknown_status"}
    assert stored(install, run) == run


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Invalid JSON payload"),
        (b"{", "Invalid JSON payload"),
        (b"domain=acme", "Invalid JSON payload"),
        (b"[" * 50_000, "Invalid JSON payload"),
        (b"{}", "Missing domain field"),
        (b"[]", "Missing domain field"),
        (b'{"domain": ""}', "Missing domain field"),
        (b'{"domain": "acme"}', "Missing call_id field"),
        (b'{"domain": "acme", "session": null}', "Missing call_id field"),
        (b'{"domain": "acme", "session": "sess-1"}', "Missing call_id field"),
        (b'{"domain": "acme", "session": {"token": ""}}', "Missing call_id field"),
        (b'{"domain": "acme", "session": {"token": ".."}}', "Missing call_id field"),
    ],
)
def test_what_is_no_cdr_is_told_so(install: Install, content: bytes, message: str) -> None:
    reply = install.http.post(CDR, content=content)
    assert (reply.status_code, reply.json()) == (200, {"status": "error", "message": message})


def test_a_body_that_is_too_large_is_not_read(install: Install) -> None:
    assert install.http.post(CDR, content=b"x" * 2_000_000).status_code == 413


@pytest.mark.parametrize("key", ["wrong", None])
def test_without_the_right_key_a_run_is_not_even_there(
    install: Install, keyed: Tenant, key: str | None
) -> None:
    run = dialled(install, keyed)
    assert report(install, cdr_of(keyed, run), key).json() == NO_RUN
    assert report(install, cdr_of(keyed, run, session={"token": "nobody"}), key).json() == NO_RUN
    assert stored(install, run) == run
    assert install.carrier.asked == []


def test_a_call_is_unknown_to_any_domain_but_its_own(install: Install, keyed: Tenant) -> None:
    run = dialled(install, keyed)
    other = install.new_tenant(keyed.organization_id[::-1])
    connect(install, other, webhook_api_key="the-key-of-the-other")
    assert report(install, cdr_of(other, run), "the-key-of-the-other").json() == NO_RUN
    assert report(install, cdr_of(keyed, run), "the-key-of-the-other").json() == NO_RUN
    assert report(install, cdr_of(keyed, run, domain="nobody-has-this")).json() == NO_RUN
    assert stored(install, run) == run


def test_a_domain_that_nobody_has_verified_settles_nothing(install: Install, tenant: Tenant) -> None:
    run = dialled(install, tenant)
    assert report(install, cdr_of(tenant, run)).json() == NO_RUN
    assert stored(install, run) == run


def test_without_a_key_a_cdr_is_believed_when_the_carrier_has_the_call_no_more(
    install: Install, keyless: Tenant
) -> None:
    run = dialled(install, keyless)
    install.carrier.answer = GONE
    assert report(install, cdr_of(keyless, run), None).json() == SUCCESS
    assert stored(install, run).status is RunStatus.NO_ANSWER
    (asked,) = install.carrier.asked
    path = f"/customers/self/domains/{keyless.cloudonix_domain}/sessions/{run.telephony.call_id}"
    assert (asked.method, asked.path, asked.authorization) == ("GET", path, f"Bearer {BEARER_TOKEN}")


def test_without_a_key_a_call_that_goes_on_is_not_ended_by_a_cdr(install: Install, keyless: Tenant) -> None:
    run = dialled(install, keyless)
    install.carrier.answer = Answer(status=200, body={"status": "ringing"})
    assert report(install, cdr_of(keyless, run), None).json() == NO_RUN
    assert stored(install, run) == run


@pytest.mark.parametrize("answer", [Answer(status=429), Answer(status=401), Silence.DROPPED])
def test_without_a_key_and_without_the_carrier_nothing_is_settled(
    install: Install, keyless: Tenant, answer: Answer | Silence
) -> None:
    run = dialled(install, keyless)
    install.carrier.answer = answer
    assert report(install, cdr_of(keyless, run), None).json() == {
        "status": "error",
        "message": "Carrier not reached",
    }
    assert stored(install, run) == run


def test_a_cdr_that_would_change_nothing_costs_the_carrier_nothing(install: Install, keyless: Tenant) -> None:
    run = dialled(install, keyless)
    install.ports.ender.end(run, RunStatus.BUSY)
    assert report(install, cdr_of(keyless, run), None).json() == SUCCESS
    assert install.carrier.asked == []


def test_no_number_and_no_secret_is_logged(
    install: Install, keyed: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    run = dialled(install, keyed)
    report(install, cdr_of(keyed, run), "wrong-key")
    report(install, cdr_of(keyed, run))
    logged = "\n".join(str(vars(record)) for record in caplog.records if record.name.startswith("offhook"))
    assert "cdr ignored" in logged
    for secret in (CALLER, keyed.caller_number, WEBHOOK_KEY, "wrong-key", str(run.telephony.call_id)):
        assert secret not in logged
