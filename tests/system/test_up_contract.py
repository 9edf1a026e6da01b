"""What a program can do with a whole install over HTTP, beside placing calls: be told, wait, hang up, be limited, delete."""

import hashlib
import hmac
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.callback_receiver import Delivery, callback_receiver
from tests.support.processes import wait_for
from tests.support.whole_install import CALL_LIMIT_S, Document, WholeInstall

pytestmark = [pytest.mark.xdist_group("whole install"), pytest.mark.timeout(150)]

HANGS_UP, SILENT, BUSY = "+15555550104", "+15555550102", "+15555550105"


def order(
    install: WholeInstall, number: str, *, headers: dict[str, str] | None = None, **more: object
) -> Document:
    reply = install.http.post(install.trigger, json={"phone_number": number, **more}, headers=headers)
    assert reply.is_success, reply.text
    document: Document = reply.json()
    return document


@contextmanager
def limits(install: WholeInstall, **changed: object) -> Iterator[None]:
    """Have other limits for the time of the block."""
    path = "/api/v1/organization/limits"
    before = install.http.get(path).json()
    assert install.http.put(path, json=before | changed).status_code == 200
    try:
        yield
    finally:
        assert install.http.put(path, json=before).status_code == 200


def is_genuine(delivery: Delivery, secret: str) -> bool:
    """Check a signature as the documents tell a receiver to."""
    found = re.fullmatch(r"t=([0-9]+),v1=([0-9a-f]{64})", delivery.headers["x-offhook-signature"])
    assert found
    signed = f"{found[1]}.".encode() + delivery.body
    return hmac.compare_digest(hmac.digest(secret.encode(), signed, hashlib.sha256).hex(), found[2])


def test_the_finished_run_is_told_once_and_signed(shared_install: WholeInstall) -> None:
    secret = shared_install.http.get("/api/v1/organization/webhook-secret").json()["secret"]
    with callback_receiver() as receiver:
        placed = order(shared_install, HANGS_UP, callback_url=f"{receiver.url}/ended?token=s3cret")
        told = receiver.next_delivery()
        run = shared_install.run(placed["workflow_run_id"])
        assert receiver.deliveries.empty()
    assert told.path == "/ended?token=s3cret"
    assert told.headers["x-offhook-attempt"] == "1"
    assert told.headers["x-offhook-delivery"] == str(run["workflow_run_id"])
    assert is_genuine(told, secret)
    assert not is_genuine(told, "whsec_another")
    # Links are minted anew, and the callback that brings the run is still under way itself.
    changing = {"recording_url", "transcript_url", "callback"}
    assert {k: v for k, v in told.document.items() if k not in changing} == {
        k: v for k, v in run.items() if k not in changing
    }


def test_who_is_not_reached_is_told_of_too_and_a_receiver_that_fails_is_asked_again(
    shared_install: WholeInstall,
) -> None:
    with callback_receiver(503, 200) as receiver:
        order(shared_install, BUSY, callback_url=receiver.url)
        first, second = receiver.next_delivery(), receiver.next_delivery()
    assert [d.headers["x-offhook-attempt"] for d in (first, second)] == ["1", "2"]
    assert first.document["status"] == second.document["status"] == "busy"


def test_a_call_can_be_left_to_the_queue(shared_install: WholeInstall) -> None:
    queued = order(shared_install, HANGS_UP, headers={"Prefer": "respond-async"})
    assert queued["status"] == "queued"
    run = shared_install.wait_until_over(queued["workflow_run_id"])
    assert (run["status"], run["disposition"]) == ("completed", "user_hangup")


def test_a_call_can_be_hung_up_in_the_middle(shared_install: WholeInstall) -> None:
    run_id = order(shared_install, SILENT)["workflow_run_id"]
    shared_install.wait_for_event(run_id, lambda event: event["type"] == "transcript")
    path = f"/api/v1/runs/{run_id}/hangup"
    assert shared_install.http.post(path).is_success
    run = shared_install.wait_until_over(run_id)
    assert run["end_reason"] == "hangup_requested"
    assert shared_install.events(run_id)[-1]["type"] == "end"
    assert shared_install.http.post(path).status_code == 409


def test_a_limit_of_concurrent_calls_holds_until_one_ends(shared_install: WholeInstall) -> None:
    with limits(shared_install, max_concurrent_calls=1):
        run_id = order(shared_install, HANGS_UP)["workflow_run_id"]
        refused = shared_install.http.post(shared_install.trigger, json={"phone_number": HANGS_UP})
        assert (refused.status_code, refused.json()["code"]) == (429, "concurrency-limit")
        assert int(refused.headers["Retry-After"]) > 0
        shared_install.wait_until_over(run_id)
        # The place is given back just after the run is over.
        again: list[int] = []

        def is_taken() -> bool:
            reply = shared_install.http.post(shared_install.trigger, json={"phone_number": HANGS_UP})
            again.extend([reply.json()["workflow_run_id"]] if reply.is_success else [])
            return reply.is_success

        wait_for(is_taken, CALL_LIMIT_S)
        shared_install.wait_until_over(again[0])


def test_a_deleted_run_is_gone_with_all_that_was_said(shared_install: WholeInstall) -> None:
    run_id = order(shared_install, HANGS_UP)["workflow_run_id"]
    shared_install.wait_until_over(run_id)
    path = f"/api/v1/runs/{run_id}"
    assert shared_install.http.delete(path).status_code == 204
    for gone in (path, f"{path}/events", f"{path}/transcript", f"{path}/recording"):
        assert shared_install.http.get(gone).status_code == 404
    assert run_id not in shared_install.run_ids()


def test_the_bare_address_leads_to_the_documents(shared_install: WholeInstall) -> None:
    assert shared_install.http.get("/").json()["docs"] == "/docs"
    page = shared_install.http.get("/", headers={"Accept": "text/html,*/*"}, follow_redirects=True)
    assert page.headers["content-type"].startswith("text/html")
