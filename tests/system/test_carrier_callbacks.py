"""What the carrier asks and reports over HTTP, with a token in the path as its only credential."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import httpx
import pytest
from fastapi import FastAPI

from functions.telephony.cdr import CdrRoutes
from functions.telephony.routes import StatusRoutes
from functions.telephony.services import make_services
from offhook.clock import system_clock
from offhook.runs.end_reasons import EndReason
from offhook.runs.ending.media import media_prefix, peaks_key, segment_key
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import TakeoverEvent
from offhook.runs.model import Run, RunStatus
from offhook.telephony.links import API_PATH
from offhook.telephony.model import CarrierCall
from tests.support.carrier import Silence
from tests.support.rest import PUBLIC_BASE_URL, Install, Tenant, served
from tests.support.webhooks import CDR, WEBHOOK_KEY, carrier_headers, connect


@pytest.fixture
def run(install: Install, tenant: Tenant) -> Run:
    """Return a run whose dial is under way."""
    install.carrier.answer = Silence.DROPPED
    reply = install.http.post(
        f"/api/v1/public/agent/{tenant.trigger_path}",
        json={"phone_number": "+14155550123"},
        headers=tenant.headers,
    )
    return stored(install, tenant, reply.json()["workflow_run_id"])


def stored(install: Install, tenant: Tenant, run_id: int) -> Run:
    return install.store.runs.get(tenant.organization_id, run_id)


def continue_call(install: Install, url: str) -> ET.Element:
    reply = install.http.post(url.removeprefix(PUBLIC_BASE_URL), data={"CallSid": "CA1"})
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("application/xml")
    return ET.fromstring(reply.text)


def report(install: Install, run: Run, **form: str) -> httpx.Response:
    path = install.ports.links.status_callback_url("cloudonix", run.id).removeprefix(PUBLIC_BASE_URL)
    return install.http.post(path, data=form)


def test_a_live_run_goes_on_with_a_new_stream_each_time(install: Install, tenant: Tenant, run: Run) -> None:
    for number in (2, 3):
        take(install, tenant, run)
        response = continue_call(install, install.ports.links.continue_url(run.id))
        (stream,) = response[0]
        assert [element.tag for element in response] == ["Connect", "Redirect"]
        assert stream.get("name") == f"{run.id}-{number}"
        assert stream.get("url") == install.ports.links.media_url(run.id, number)
        assert response[1].text == install.ports.links.continue_url(run.id)
    assert stored(install, tenant, run.id).stream_number == 3


def take(install: Install, tenant: Tenant, run: Run) -> Run:
    """Have a streamer take the run by its present stream."""
    lease_until = system_clock() + timedelta(seconds=15)
    return install.store.runs.take_over(stored(install, tenant, run.id), "streamer-1", lease_until)


def test_a_stream_that_nobody_has_taken_is_tried_again_after_a_wait_for_a_minute(
    install: Install, tenant: Tenant, run: Run
) -> None:
    waited, names = 0, set()
    for _ in range(14):
        response = continue_call(install, install.ports.links.continue_url(run.id))
        assert [element.tag for element in response] == ["Pause", "Connect", "Redirect"]
        (stream,) = response[1]
        assert stream.get("url") == install.ports.links.media_url(run.id, 1)
        waited += int(response[0].get("length", ""))
        names.add(stream.get("name"))
    assert (waited, len(names)) == (60, 14)
    assert f"{run.id}-1" not in names
    assert stored(install, tenant, run.id).stream_number == 1
    response = continue_call(install, install.ports.links.continue_url(run.id))
    assert [element.tag for element in response] == ["Say", "Hangup"]


def test_the_next_stream_has_a_minute_of_its_own(install: Install, tenant: Tenant, run: Run) -> None:
    url = install.ports.links.continue_url(run.id)
    for _ in range(3):
        continue_call(install, url)
    take(install, tenant, run)
    assert [element.tag for element in continue_call(install, url)] == ["Connect", "Redirect"]
    assert continue_call(install, url)[0].get("length") == "1"
    assert stored(install, tenant, run.id).stream_number == 2


def test_a_finished_run_is_hung_up(install: Install, tenant: Tenant, run: Run) -> None:
    install.store.runs.advance(run, RunStatus.COMPLETED)
    response = continue_call(install, install.ports.links.continue_url(run.id))
    assert [element.tag for element in response] == ["Hangup"]
    assert stored(install, tenant, run.id).stream_number == 1


def test_a_token_that_is_not_ours_is_hung_up(install: Install, tenant: Tenant, run: Run) -> None:
    good = install.ports.links.continue_url(run.id)
    status_token = install.ports.links.status_callback_url("cloudonix", run.id).rpartition("/")[2]
    base = good.rpartition("/")[0]
    nobodys = install.ports.links.continue_url(run.id + 1)
    for url in (
        good[:-1],
        f"{base}/{status_token}",
        f"{base}/x",
        f"{base}/%00",
        f"{base}/0{run.id}.x",
        nobodys,
    ):
        assert [element.tag for element in continue_call(install, url)] == ["Hangup"]
    assert stored(install, tenant, run.id).stream_number == 1


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["initiated", "ringing"], RunStatus.RINGING),
        (["ringing", "answered", "ringing"], RunStatus.RINGING),
        (["no-answer"], RunStatus.NO_ANSWER),
        (["ringing", "noanswer"], RunStatus.NO_ANSWER),
        (["BUSY"], RunStatus.BUSY),
        (["cancel"], RunStatus.CANCELED),
        (["nocredit"], RunStatus.FAILED),
        (["busy", "ringing", "completed"], RunStatus.BUSY),
    ],
)
def test_reported_words_move_the_run_forward_only(
    install: Install, tenant: Tenant, run: Run, words: list[str], status: RunStatus
) -> None:
    for word in words:
        reply = report(install, run, CallStatus=word)
        assert (reply.status_code, reply.json()) == (200, {"status": "success"})
    settled = stored(install, tenant, run.id)
    assert settled.status is status
    assert (settled.ended_at is not None) is status.is_final
    assert settled.disposition == (status.value if status.is_final else None)


def test_an_answered_call_that_never_streamed_is_failed(install: Install, tenant: Tenant, run: Run) -> None:
    report(install, run, status="connected")
    report(install, run, status="completed")
    settled = stored(install, tenant, run.id)
    assert settled.status is RunStatus.FAILED
    assert settled.error is not None
    assert settled.error.code == "no-media-stream"


def test_a_call_that_a_streamer_holds_is_left_to_it(install: Install, tenant: Tenant, run: Run) -> None:
    runs = install.store.runs
    runs.advance(
        runs.take_over(run, "streamer-1", system_clock() + timedelta(seconds=15)), RunStatus.IN_PROGRESS
    )
    assert report(install, run, status="completed").json() == {"status": "success"}
    assert stored(install, tenant, run.id).status is RunStatus.IN_PROGRESS


@pytest.fixture
def impatient(install: Install) -> Iterator[httpx.Client]:
    """Serve the carrier's routes with a short time between the two looks at a lease."""
    services = replace(make_services(install.ports), second_look_s=0.2)
    app = FastAPI()
    for routes in (StatusRoutes, CdrRoutes):
        app.include_router(routes(services, services.dialects.default).router(), prefix=API_PATH)
    with served(app) as url, httpx.Client(base_url=url, timeout=30) as http:
        yield http


@pytest.fixture(params=["status", "cdr"])
def report_the_end(
    request: pytest.FixtureRequest, install: Install, tenant: Tenant, run: Run, impatient: httpx.Client
) -> Callable[[], None]:
    """Return what has the carrier report that the run's call is over, in one of its two ways."""
    call = CarrierCall(
        provider="cloudonix",
        organization_id=tenant.organization_id,
        account=tenant.cloudonix_domain,
        call_id="the-session",
    )
    install.store.runs.claim_call(call, run.id)
    connect(install, tenant, webhook_api_key=WEBHOOK_KEY)
    path = urlsplit(install.ports.links.status_callback_url("cloudonix", run.id)).path

    def report() -> None:
        if request.param == "status":
            reply = impatient.post(path, data={"status": "completed"})
        else:
            cdr = {
                "domain": tenant.cloudonix_domain,
                "session": {"token": "the-session"},
                "disposition": "ANSWER",
            }
            reply = impatient.post(CDR, json=cdr, headers=carrier_headers(WEBHOOK_KEY))
        assert (reply.status_code, reply.json()) == (200, {"status": "success"})

    return report


def begun(install: Install, run: Run, lease_until: datetime) -> Run:
    """Return the run as a streamer holds it."""
    taken = install.store.runs.take_over(run, "streamer-1", lease_until)
    takeover = TakeoverEvent(epoch=1, owner="streamer-1")
    install.store.events.append(run.id, [LogEntry.new(seq=1, at=system_clock(), event=takeover)])
    return install.store.runs.advance(taken, RunStatus.IN_PROGRESS)


def test_a_call_that_is_over_and_whose_streamer_is_gone_is_settled_at_once(
    install: Install, tenant: Tenant, run: Run, report_the_end: Callable[[], None]
) -> None:
    held = begun(install, run, system_clock() - timedelta(seconds=1))
    media = install.ports.media
    media.put(segment_key(held, 1, 0), b"\x01\x02" * 800, "audio/basic")
    report_the_end()
    settled = stored(install, tenant, run.id)
    assert settled.status.is_final
    assert settled.end_reason == EndReason.LOST
    assert settled.recording_key is not None
    assert media.get(settled.recording_key).endswith(b"\x01\x02" * 800)
    kept = [peaks_key(settled.recording_key), settled.recording_key, settled.transcript_key]
    assert media.keys(media_prefix(run)) == kept


def test_a_streamer_whose_clock_is_behind_keeps_its_call(
    install: Install, tenant: Tenant, run: Run, report_the_end: Callable[[], None]
) -> None:
    held = begun(install, run, system_clock() - timedelta(minutes=1))
    assert held.ownership is not None
    with ThreadPoolExecutor() as threads:
        reported = threads.submit(report_the_end)
        while not reported.done():
            lease_until = system_clock() - timedelta(minutes=1)
            install.store.runs.renew(run.id, replace(held.ownership, lease_until=lease_until))
        reported.result()
    assert stored(install, tenant, run.id).status is RunStatus.IN_PROGRESS


def test_a_call_that_the_carrier_ends_gives_its_place_back(
    install: Install, tenant: Tenant, run: Run
) -> None:
    assert run.id in install.store.ledgers.get(tenant.organization_id).live
    report(install, run, CallStatus="busy")
    assert install.store.ledgers.get(tenant.organization_id).live == frozenset()


def test_json_forms_and_lists_of_one_are_understood(install: Install, tenant: Tenant, run: Run) -> None:
    path = install.ports.links.status_callback_url("cloudonix", run.id).removeprefix(PUBLIC_BASE_URL)
    for body in ({"status": "ringing", "token": "t"}, [{"status": "ringing"}], {"CallStatus": "ringing"}):
        assert install.http.post(path, json=body).json() == {"status": "success"}
    others: list[Any] = [{"status": "sleeping"}, {"status": 5}, {}, [], "ringing", None]
    for other in others:
        reply = install.http.post(path, json=other)
        assert reply.json() == {"status": "ignored", "reason": "unknown_status"}
    assert stored(install, tenant, run.id).status is RunStatus.RINGING


def test_a_callback_with_a_wrong_token_or_body_changes_nothing(
    install: Install, tenant: Tenant, run: Run
) -> None:
    path = install.ports.links.status_callback_url("cloudonix", run.id).removeprefix(PUBLIC_BASE_URL)
    assert install.http.post(path[:-1], json={"status": "busy"}).status_code == 401
    assert install.http.post(path + "x" * 1000, json={"status": "busy"}).status_code == 422
    assert install.http.post(path, content=b"{").status_code == 422
    assert install.http.post(path, content=b"x" * 2_000_000).status_code == 413
    assert stored(install, tenant, run.id).status is RunStatus.DIALING
