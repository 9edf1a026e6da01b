"""The finished run reaches whoever ordered it: posted once, signed, tried again for half an hour, and then given up."""

import hashlib
import hmac
import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from queue import Empty
from typing import Any

import pytest

from functions.aftercall.app import create_handler
from functions.aftercall.services import make_services
from functions.events import EventHandler
from offhook.adapters.http.guarded_client import GuardedClient
from offhook.runs.model import Delivery, DeliveryStatus, Run, RunStatus
from offhook.signing import webhook_secret
from tests.support.backstage import CONTEXT, Backstage, message
from tests.support.callback_receiver import CallbackReceiver, Received, callback_receiver
from tests.support.makers import NOON

DONE: dict[str, Any] = {"batchItemFailures": []}


def handler(stage: Backstage, *, limit_s: float = 5) -> EventHandler:
    stage.ports.courier = GuardedClient(stage.ports.addresses, request_limit_s=limit_s)
    return create_handler(make_services(stage.ports))


def finished(stage: Backstage, url: str) -> Run:
    run = stage.add_finished_run(
        callback=Delivery(url=f"{url}/resume/secret-of-the-receiver"), created_at=NOON - timedelta(minutes=5)
    )
    assert stage.aftercalls.sent == [(run.id, 0)]
    assert owed(stage) == {run.id}
    stage.aftercalls.sent.clear()
    return run


def owed(stage: Backstage) -> frozenset[int]:
    return stage.store.ledgers.get(stage.organization_id).owed


def state(stage: Backstage, run: Run) -> tuple[DeliveryStatus, int]:
    callback = stage.stored(run).callback
    assert callback is not None
    return callback.status, callback.attempts


def assert_nothing_came(receiver: CallbackReceiver) -> None:
    # A delivery is there before its handler returns: there is nothing to wait for.
    with pytest.raises(Empty):
        receiver.deliveries.get_nowait()


def assert_signed(delivery: Received, secret: str) -> None:
    t, v1 = (part.partition("=")[2] for part in delivery.headers["x-offhook-signature"].split(","))
    assert int(t) == int(NOON.timestamp())
    assert hmac.new(secret.encode(), f"{t}.".encode() + delivery.body, hashlib.sha256).hexdigest() == v1


def test_a_finished_run_is_posted_signed_and_is_owed_no_more(stage: Backstage) -> None:
    with callback_receiver() as receiver:
        run = finished(stage, receiver.url)
        assert handler(stage)(message(run.id), CONTEXT) == DONE
        delivery = receiver.next_delivery()
    assert delivery.path == "/resume/secret-of-the-receiver"
    assert delivery.headers["content-type"] == "application/json"
    assert delivery.headers["user-agent"] == "Offhook/1"
    assert delivery.headers["x-offhook-delivery"] == str(run.id)
    assert delivery.headers["x-offhook-attempt"] == "1"
    assert_signed(delivery, webhook_secret(stage.ports.settings.install_secret, stage.organization_id))
    document = delivery.document
    assert (document["workflow_run_id"], document["status"]) == (run.id, "no_answer")
    assert document["callback"] == {
        "status": "pending",
        "attempts": 1,
        "last_attempt_at": "2026-11-20T12:00:00.123Z",
        "answer": None,
    }
    assert "secret-of-the-receiver" not in delivery.body.decode()
    assert state(stage, run) == (DeliveryStatus.DELIVERED, 1)
    assert owed(stage) == frozenset()


def just_finished(stage: Backstage, url: str) -> Run:
    run = stage.add_finished_run(callback=Delivery(url=f"{url}/resume/1"), created_at=stage.clock())
    assert stage.aftercalls.sent == [(run.id, 10)]
    stage.aftercalls.sent.clear()
    return run


def test_a_run_that_ends_at_once_is_told_after_the_reply_to_its_order(stage: Backstage) -> None:
    with callback_receiver() as receiver:
        run = just_finished(stage, receiver.url)
        handler(stage)(message(run.id), CONTEXT)
        assert_nothing_came(receiver)
        stage.clock.move(seconds=10)
        handler(stage)(message(run.id), CONTEXT)
        receiver.next_delivery()
    assert state(stage, run) == (DeliveryStatus.DELIVERED, 1)


@pytest.mark.parametrize("status", [404, 409])
def test_a_receiver_that_does_not_wait_yet_is_asked_again(stage: Backstage, status: int) -> None:
    with callback_receiver(status, status, 200) as receiver:
        run = just_finished(stage, receiver.url)
        for wait_s in (10, 10, 60):
            stage.clock.move(seconds=wait_s)
            handler(stage)(message(run.id), CONTEXT)
            receiver.next_delivery()
    assert state(stage, run) == (DeliveryStatus.DELIVERED, 3)


@pytest.mark.parametrize(("status", "attempts"), [(404, 3), (409, 3), (410, 1)])
def test_a_receiver_that_still_does_not_wait_a_minute_later_never_will(
    stage: Backstage, status: int, attempts: int
) -> None:
    with callback_receiver(*[status] * 4) as receiver:
        run = just_finished(stage, receiver.url)
        for wait_s in (10, 10, 60, 300):
            stage.clock.move(seconds=wait_s)
            handler(stage)(message(run.id), CONTEXT)
    assert state(stage, run) == (DeliveryStatus.FAILED, attempts)


def test_a_receiver_that_names_a_time_is_left_alone_until_then(stage: Backstage) -> None:
    with callback_receiver((503, {"Retry-After": "120"}), 200) as receiver:
        run = finished(stage, receiver.url)
        handler(stage)(message(run.id), CONTEXT)
        receiver.next_delivery()
        assert stage.aftercalls.sent == [(run.id, 120)]
        stage.clock.move(seconds=60)
        handler(stage)(message(run.id), CONTEXT)
        assert_nothing_came(receiver)
        stage.clock.move(seconds=60)
        handler(stage)(message(run.id), CONTEXT)
        receiver.next_delivery()
    assert state(stage, run) == (DeliveryStatus.DELIVERED, 2)


def test_a_message_that_comes_twice_delivers_once(stage: Backstage) -> None:
    with callback_receiver() as receiver:
        run = finished(stage, receiver.url)
        with ThreadPoolExecutor(4) as pool:
            answers = [pool.submit(handler(stage), message(run.id), CONTEXT) for _ in range(4)]
            assert [answer.result() for answer in answers] == [DONE] * 4
        stage.clock.move(hours=1)
        assert handler(stage)(message(run.id), CONTEXT) == DONE
        receiver.next_delivery()
        assert_nothing_came(receiver)
    assert state(stage, run) == (DeliveryStatus.DELIVERED, 1)


def test_a_receiver_that_fails_is_asked_again_later_and_not_sooner(stage: Backstage) -> None:
    handle = handler(stage)
    with callback_receiver(500, 200) as receiver:
        run = finished(stage, receiver.url)
        handle(message(run.id), CONTEXT)
        assert state(stage, run) == (DeliveryStatus.PENDING, 1)
        assert stage.aftercalls.sent == [(run.id, 10)]
        assert receiver.next_delivery().headers["x-offhook-attempt"] == "1"
        stage.clock.move(seconds=5)
        handle(message(run.id), CONTEXT)
        assert_nothing_came(receiver)
        stage.clock.move(seconds=5)
        handle(message(run.id), CONTEXT)
        assert receiver.next_delivery().headers["x-offhook-attempt"] == "2"
    assert state(stage, run) == (DeliveryStatus.DELIVERED, 2)
    assert stage.aftercalls.sent == [(run.id, 10)]
    assert owed(stage) == frozenset()


@pytest.mark.parametrize("status", [404, 409, 410])
def test_some_answers_are_final(stage: Backstage, status: int) -> None:
    with callback_receiver(status) as receiver:
        run = finished(stage, receiver.url)
        assert handler(stage)(message(run.id), CONTEXT) == DONE
    assert state(stage, run) == (DeliveryStatus.FAILED, 1)
    assert (stage.aftercalls.sent, owed(stage)) == ([], frozenset())


@pytest.mark.parametrize("status", [301, 307, 400, 429, 503])
def test_other_answers_are_not(stage: Backstage, status: int) -> None:
    with callback_receiver(status) as receiver:
        run = finished(stage, receiver.url)
        handler(stage)(message(run.id), CONTEXT)
    assert state(stage, run) == (DeliveryStatus.PENDING, 1)
    assert stage.aftercalls.sent == [(run.id, 10)]


def test_a_silent_receiver_is_given_up_after_six_attempts(stage: Backstage) -> None:
    handle = handler(stage, limit_s=0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        run = finished(stage, f"http://127.0.0.1:{silent.getsockname()[1]}")
        for wait_seconds in (10, 60, 300, 900, 900):
            assert handle(message(run.id), CONTEXT) == DONE
            assert state(stage, run)[0] is DeliveryStatus.PENDING
            assert stage.aftercalls.sent.pop() == (run.id, wait_seconds)
            stage.clock.move(seconds=wait_seconds)
        assert handle(message(run.id), CONTEXT) == DONE
    assert state(stage, run) == (DeliveryStatus.FAILED, 6)
    assert (stage.aftercalls.sent, owed(stage)) == ([], frozenset())


def test_an_address_that_is_not_allowed_any_more_is_not_asked(stage: Backstage) -> None:
    run = finished(stage, "http://169.254.169.254")
    assert handler(stage)(message(run.id), CONTEXT) == DONE
    assert state(stage, run) == (DeliveryStatus.FAILED, 1)
    assert owed(stage) == frozenset()


def test_an_attempt_whose_process_was_lost_is_followed_by_the_next(stage: Backstage) -> None:
    with callback_receiver() as receiver:
        run = finished(stage, receiver.url)
        assert run.callback is not None
        claimed = Delivery(url=run.callback.url, attempts=1, last_attempt_at=stage.clock())
        stage.store.runs.note_delivery(run, claimed)
        stage.clock.move(seconds=60)
        handler(stage)(message(run.id), CONTEXT)
        assert receiver.next_delivery().headers["x-offhook-attempt"] == "2"
    assert state(stage, run) == (DeliveryStatus.DELIVERED, 2)


def test_the_lost_last_attempt_is_the_end(stage: Backstage) -> None:
    with callback_receiver() as receiver:
        run = finished(stage, receiver.url)
        assert run.callback is not None
        stage.store.runs.note_delivery(
            run, Delivery(url=run.callback.url, attempts=6, last_attempt_at=stage.clock())
        )
        stage.clock.move(minutes=20)
        handler(stage)(message(run.id), CONTEXT)
        assert_nothing_came(receiver)
    assert state(stage, run) == (DeliveryStatus.FAILED, 6)
    assert owed(stage) == frozenset()


def test_a_run_that_is_not_over_or_not_there_is_left_alone(stage: Backstage) -> None:
    with callback_receiver() as receiver:
        live = stage.add_run(RunStatus.RINGING, callback=Delivery(url=receiver.url))
        quiet = stage.add_finished_run()
        for run_id in (live.id, quiet.id, quiet.id + 1):
            assert handler(stage)(message(run_id), CONTEXT) == DONE
        assert_nothing_came(receiver)
    assert state(stage, live) == (DeliveryStatus.PENDING, 0)


def test_a_retry_keeps_its_distance_from_an_attempt_that_takes_long(stage: Backstage) -> None:
    run = stage.add_finished_run(callback=Delivery(url="http://127.0.0.1:9"))
    assert run.callback is not None
    claimed = Delivery(
        url=run.callback.url, attempts=2, last_attempt_at=stage.clock() - timedelta(seconds=30)
    )
    stage.store.runs.note_delivery(run, claimed)
    handler(stage)(message(run.id), CONTEXT)
    assert state(stage, run) == (DeliveryStatus.PENDING, 2)


def test_logs_name_the_run_and_the_answer_and_never_the_address(
    stage: Backstage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="offhook")
    with callback_receiver(500) as receiver:
        run = finished(stage, receiver.url)
        handler(stage)(message(run.id), CONTEXT)
    (record,) = [record for record in caplog.records if record.message == "run not delivered"]
    assert (record.__dict__["run_id"], record.__dict__["answer"]) == (run.id, "500")
    assert "secret-of-the-receiver" not in "".join(str(record.__dict__) for record in caplog.records)
