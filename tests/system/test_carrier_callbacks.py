"""What the carrier asks and reports over HTTP, with a token in the path as its only credential."""

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from offhook.clock import system_clock
from offhook.runs.model import Run, RunStatus
from tests.support.carrier import Silence
from tests.support.rest import PUBLIC_BASE_URL, Install, Tenant


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


def test_a_call_whose_streamer_is_gone_is_left_to_the_reaper_which_has_its_story(
    install: Install, tenant: Tenant, run: Run
) -> None:
    runs = install.store.runs
    runs.advance(
        runs.take_over(run, "streamer-1", system_clock() - timedelta(seconds=1)), RunStatus.IN_PROGRESS
    )
    report(install, run, status="completed")
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
    assert install.http.post(path, content=b"{").status_code == 422
    assert install.http.post(path, content=b"x" * 2_000_000).status_code == 413
    assert stored(install, tenant, run.id).status is RunStatus.DIALING
