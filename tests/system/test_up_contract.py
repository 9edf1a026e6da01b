"""What a program can do with a whole install over HTTP, beside placing calls: be told, wait, hang up, be limited, delete."""

import runpy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.callback_receiver import CallbackReceiver, callback_receiver
from tests.support.processes import wait_for
from tests.support.whole_install import CALL_LIMIT_S, Document, WholeInstall

pytestmark = pytest.mark.timeout(150)

HANGS_UP, SILENT, BUSY = "+15555550104", "+15555550102", "+15555550105"
ASKS_FOR_NO_CALLS = "+15555550151"


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


@pytest.fixture(scope="module")
def is_from_offhook(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes, str, str], bool]:
    """Return the check of a signature that the documents give to receivers."""
    text = (Path(__file__).parents[2] / "docs" / "callbacks.md").read_text(encoding="utf-8")
    file = tmp_path_factory.mktemp("receiver") / "receiver.py"
    file.write_text(text.split("```python\n")[1].split("```")[0], encoding="utf-8")
    check: Callable[[bytes, str, str], bool] = runpy.run_path(str(file))["is_from_offhook"]
    return check


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """Calls that were ordered all at once, and who is told of two of them."""

    told: Document
    receiver: CallbackReceiver
    busy: Document
    failing_receiver: CallbackReceiver
    queued: Document
    deleted: Document


@pytest.fixture(scope="module")
def orders(shared_install: WholeInstall) -> Iterator[Orders]:
    with callback_receiver() as receiver, callback_receiver(503, 200) as failing:
        orders = Orders(
            told=order(shared_install, HANGS_UP, callback_url=f"{receiver.url}/ended?token=s3cret"),
            receiver=receiver,
            busy=order(shared_install, BUSY, callback_url=failing.url),
            failing_receiver=failing,
            queued=order(shared_install, HANGS_UP, headers={"Prefer": "respond-async"}),
            deleted=order(shared_install, HANGS_UP),
        )
        yield orders
        for placed in (orders.told, orders.busy, orders.queued):
            shared_install.wait_until_over(placed["workflow_run_id"])


def test_the_finished_run_is_told_once_and_signed(
    shared_install: WholeInstall, orders: Orders, is_from_offhook: Callable[[bytes, str, str], bool]
) -> None:
    secret = shared_install.http.get("/api/v1/organization/webhook-secret").json()["secret"]
    told = orders.receiver.next_delivery()
    run = shared_install.run(orders.told["workflow_run_id"])
    assert told.path == "/ended?token=s3cret"
    assert told.headers["x-offhook-attempt"] == "1"
    assert told.headers["x-offhook-delivery"] == str(run["workflow_run_id"])
    signature = told.headers["x-offhook-signature"]
    assert is_from_offhook(told.body, signature, secret)
    assert not is_from_offhook(told.body + b" ", signature, secret)
    assert not is_from_offhook(told.body, signature, "whsec_another")
    # Links are minted anew, and the callback that brings the run is still under way itself.
    changing = {"recording_url", "transcript_url", "callback"}
    assert {k: v for k, v in told.document.items() if k not in changing} == {
        k: v for k, v in run.items() if k not in changing
    }
    wait_for(lambda: shared_install.run(run["id"])["callback"]["status"] == "delivered", CALL_LIMIT_S)
    assert orders.receiver.deliveries.empty()


@pytest.mark.long
def test_who_is_not_reached_is_told_of_too_and_a_receiver_that_fails_is_asked_again(orders: Orders) -> None:
    first, second = (orders.failing_receiver.next_delivery() for _ in range(2))
    assert [d.headers["x-offhook-attempt"] for d in (first, second)] == ["1", "2"]
    assert first.document["status"] == second.document["status"] == "busy"


def test_a_call_can_be_left_to_the_queue(shared_install: WholeInstall, orders: Orders) -> None:
    assert orders.queued["status"] == "queued"
    run = shared_install.wait_until_over(orders.queued["workflow_run_id"])
    assert (run["status"], run["disposition"]) == ("completed", "user_hangup")


def test_a_deleted_run_is_gone_with_all_that_was_said(shared_install: WholeInstall, orders: Orders) -> None:
    run_id = orders.deleted["workflow_run_id"]
    shared_install.wait_until_over(run_id)
    path = f"/api/v1/runs/{run_id}"
    assert shared_install.http.delete(path).status_code == 204
    for gone in (path, f"{path}/events", f"{path}/transcript", f"{path}/recording"):
        assert shared_install.http.get(gone).status_code == 404
    assert run_id not in shared_install.run_ids()


def test_a_call_can_be_hung_up_in_the_middle(shared_install: WholeInstall) -> None:
    run_id = order(shared_install, SILENT)["workflow_run_id"]
    shared_install.wait_for_event(run_id, lambda event: event["type"] == "transcript")
    path = f"/api/v1/runs/{run_id}/hangup"
    assert shared_install.http.post(path).is_success
    run = shared_install.wait_until_over(run_id)
    assert run["end_reason"] == "hangup_requested"
    assert "end" in [event["type"] for event in shared_install.events(run_id)]
    assert shared_install.http.post(path).status_code == 409


def test_a_limit_of_concurrent_calls_holds_until_one_ends(
    shared_install: WholeInstall, orders: Orders
) -> None:
    for placed in (orders.told, orders.busy, orders.queued):
        shared_install.wait_until_over(placed["workflow_run_id"])
    with limits(shared_install, max_concurrent_calls=1):
        # The place of a run is given back just after it is over.
        wait_for(lambda: is_taken(shared_install), CALL_LIMIT_S)
        refused = shared_install.http.post(shared_install.trigger, json={"phone_number": BUSY})
        assert (refused.status_code, refused.json()["code"]) == (429, "concurrency-limit")
        assert int(refused.headers["Retry-After"]) > 0
        wait_for(lambda: is_taken(shared_install), CALL_LIMIT_S)


def is_taken(install: WholeInstall) -> bool:
    reply = install.http.post(install.trigger, json={"phone_number": HANGS_UP})
    assert reply.status_code in (200, 429), reply.text
    return reply.is_success


def test_who_asks_for_no_more_calls_gets_none(shared_install: WholeInstall) -> None:
    """By a phrase, over the telephone: the call's end, the list, and the next trigger."""
    run = shared_install.wait_until_over(shared_install.call(ASKS_FOR_NO_CALLS))
    assert run["disposition"] == "do_not_call", run
    entry = f"/api/v1/organization/do-not-call/{ASKS_FOR_NO_CALLS}"
    wait_for(lambda: shared_install.http.get(entry).is_success, CALL_LIMIT_S)
    told = shared_install.http.get(entry).json()
    assert (told["source"], told["workflow_run_id"]) == ("call", run["workflow_run_id"])
    refused = shared_install.http.post(shared_install.trigger, json={"phone_number": ASKS_FOR_NO_CALLS})
    assert (refused.status_code, refused.json()["code"]) == (403, "do-not-call")
    assert shared_install.http.delete(entry).status_code == 204
