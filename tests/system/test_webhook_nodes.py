"""A workflow's webhooks are sent once after each call: as their nodes say, signed, and tried again while that may help."""

import logging
from datetime import timedelta
from queue import Empty
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from offhook.json_types import JsonObject
from offhook.runs.ending.deliveries import signature
from offhook.runs.model import Delivery, DeliveryStatus, Run, RunStatus, RunTelephony
from offhook.signing import webhook_secret
from offhook.tools.model import CredentialType
from tests.support.afterwards import DONE, a_credential, aftercall, an_agent, ended_run, webhook
from tests.support.backstage import CONTEXT, Backstage, message
from tests.support.callback_receiver import CallbackReceiver, callback_receiver
from tests.support.whole_install import WholeInstall

SECRET = "s3cret-of-the-crm"


def states(stage: Backstage, run: Run) -> list[tuple[str | None, DeliveryStatus, int, str | None]]:
    webhooks = stage.stored(run).webhooks
    return [(each.node_id, each.status, each.attempts, each.answer) for each in webhooks]


def owed(stage: Backstage) -> frozenset[int]:
    return stage.store.ledgers.get(stage.organization_id).owed


def follow(stage: Backstage, run: Run, **limits: float) -> None:
    assert aftercall(stage, **limits)(message(run.id), CONTEXT) == DONE


def assert_nothing_came(receiver: CallbackReceiver) -> None:
    with pytest.raises(Empty):
        receiver.deliveries.get_nowait()


def test_a_webhook_sends_what_its_template_says_with_the_types_of_the_values(stage: Backstage) -> None:
    template: JsonObject = {
        "slot": "{{gathered_context.slot}}",
        "same": "{{gathered_context.extracted_variables.slot}}",
        "customer": "{{initial_context.customer}}",
        "name": "{{customer.name}}",
        "text": "{{workflow_name}} called {{called_number}}: {{call_disposition | nothing}}",
        "run_id": "{{workflow_run_id}}",
        "seconds": "{{cost_info.call_duration_seconds}}",
        "usd": "{{run.cost_info.total_usd}}",
        "score": "{{annotations.qa_check.score}}",
        "recording": "{{recording_url | none}}",
        "fixed": [1, True, None],
    }
    with callback_receiver(204) as receiver:
        agent = an_agent(stage, webhook(f"{receiver.url}/hook", payload_template=template))
        run = ended_run(
            stage,
            agent,
            as_=RunStatus.COMPLETED,
            initial_context={"customer": {"name": "Ada", "visits": 3}},
            gathered_context={"slot": {"day": "Tuesday", "hour": 9}},
            telephony=RunTelephony(called_number="+14155550100"),
            disposition="booked",
            usage={
                "call_duration_seconds": 35.5,
                "llm": dict.fromkeys(("input_tokens", "output_tokens", "total_tokens"), 0),
                "stt_seconds": 0,
                "tts_characters": 0,
            },
            cost={"total_usd": 0.0125},
        )
        assert owed(stage) == {run.id}
        follow(stage, run)
        came = receiver.next_delivery()
    assert (came.method, came.path) == ("POST", "/hook")
    assert came.document == {
        "slot": {"day": "Tuesday", "hour": 9},
        "same": {"day": "Tuesday", "hour": 9},
        "customer": {"name": "Ada", "visits": 3},
        "name": "Ada",
        "text": "Reminder called +14155550100: booked",
        "run_id": run.id,
        "seconds": 35.5,
        "usd": 0.0125,
        "score": "",
        "recording": "none",
        "fixed": [1, True, None],
        "call_disposition": "booked",
    }
    assert states(stage, run) == [("crm", DeliveryStatus.DELIVERED, 1, "204")]
    assert owed(stage) == frozenset()


def test_a_webhook_is_signed_and_names_its_run_and_itself(stage: Backstage) -> None:
    with callback_receiver() as receiver:
        agent = an_agent(stage, webhook(receiver.url, id_="crm é"))
        run = ended_run(stage, agent)
        follow(stage, run)
        came = receiver.next_delivery()
    assert came.headers["content-type"] == "application/json"
    assert came.headers["x-offhook-run"] == str(run.id)
    assert came.headers["x-offhook-delivery"] == f"{run.id}-crm%20%C3%A9"
    assert came.headers["x-offhook-attempt"] == "1"
    secret = webhook_secret(stage.ports.settings.install_secret, stage.organization_id)
    assert came.headers["x-offhook-signature"] == signature(came.body, secret, stage.clock())


def test_a_webhook_without_a_template_sends_the_run(stage: Backstage) -> None:
    with callback_receiver() as receiver:
        run = ended_run(stage, an_agent(stage, webhook(receiver.url)), disposition="no-answer")
        follow(stage, run)
        document = receiver.next_delivery().document
    assert (document["workflow_run_id"], document["status"]) == (run.id, "no_answer")
    assert document["call_disposition"] == "no-answer"
    assert [each["node_id"] for each in document["webhooks"]] == ["crm"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "GET"])
def test_a_webhook_is_sent_by_its_method(stage: Backstage, method: str) -> None:
    template: JsonObject = {
        "run": "{{workflow_run_id}}",
        "slot": "{{gathered_context.slot}}",
        "call_disposition": "x",
    }
    with callback_receiver() as receiver:
        node = webhook(f"{receiver.url}/a?key=1", http_method=method, payload_template=template)
        run = ended_run(stage, an_agent(stage, node), gathered_context={"slot": "Tue & Wed"})
        follow(stage, run)
        came = receiver.next_delivery()
    assert came.method == method
    if method in ("PUT", "PATCH"):
        assert came.document == {"run": run.id, "slot": "Tue & Wed", "call_disposition": "x"}
    else:
        assert came.body == b""
        assert parse_qs(urlsplit(came.path).query) == {
            "key": ["1"],
            "run": [str(run.id)],
            "slot": ["Tue & Wed"],
            "call_disposition": ["x"],
        }


def test_a_webhook_presents_its_credential_and_the_headers_that_show_nothing(stage: Backstage) -> None:
    uuid = a_credential(stage, CredentialType.BEARER_TOKEN, token=SECRET)
    headers = [
        {"key": "X-App", "value": "voice"},
        {"key": "Authorization", "value": "Bearer of the document"},
    ]
    with callback_receiver() as receiver:
        node = webhook(receiver.url, credential_uuid=uuid, custom_headers=headers)
        follow(stage, ended_run(stage, an_agent(stage, node)))
        came = receiver.next_delivery()
    assert came.headers["authorization"] == f"Bearer {SECRET}"
    assert came.headers["x-app"] == "voice"


def test_nobody_sends_another_organizations_secret(stage: Backstage) -> None:
    uuid = a_credential(stage, CredentialType.BEARER_TOKEN, "another-organization", token=SECRET)
    with callback_receiver() as receiver:
        run = ended_run(stage, an_agent(stage, webhook(receiver.url, credential_uuid=uuid)))
        follow(stage, run)
        assert_nothing_came(receiver)
    assert states(stage, run) == [("crm", DeliveryStatus.FAILED, 1, "not-found")]
    assert owed(stage) == frozenset()


def test_neither_secret_nor_address_nor_what_was_said_is_in_a_log(
    stage: Backstage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="offhook")
    uuid = a_credential(stage, CredentialType.API_KEY, api_key=SECRET)
    with callback_receiver(500) as receiver:
        node = webhook(f"{receiver.url}/token-in-path", credential_uuid=uuid)
        follow(stage, ended_run(stage, an_agent(stage, node), gathered_context={"name": "Ada Lovelace"}))
    told = "".join(str(record.__dict__) for record in caplog.records)
    assert "run not delivered" in told
    for hidden in (SECRET, "token-in-path", "Ada Lovelace"):
        assert hidden not in told


def test_a_receiver_that_fails_is_asked_again_and_the_others_are_not(stage: Backstage) -> None:
    with callback_receiver(503, 200) as failing, callback_receiver() as fine:
        agent = an_agent(stage, webhook(failing.url, id_="failing"), webhook(fine.url, id_="fine"))
        run = ended_run(stage, agent, callback=Delivery(url=f"{fine.url}/callback"))
        follow(stage, run)
        assert [fine.next_delivery().path, fine.next_delivery().path] == ["/callback", "/"]
        assert stage.aftercalls.sent == [(run.id, 10)]
        assert owed(stage) == {run.id}
        stage.clock.move(seconds=10)
        follow(stage, run)
        assert [failing.next_delivery().headers["x-offhook-attempt"] for _ in range(2)] == ["1", "2"]
        assert_nothing_came(fine)
    assert states(stage, run) == [
        ("failing", DeliveryStatus.DELIVERED, 2, "200"),
        ("fine", DeliveryStatus.DELIVERED, 1, "200"),
    ]
    assert owed(stage) == frozenset()


def test_a_receiver_that_names_a_time_is_left_alone_until_then(stage: Backstage) -> None:
    with callback_receiver((429, {"Retry-After": "120"}), 200) as receiver:
        run = ended_run(stage, an_agent(stage, webhook(receiver.url)))
        follow(stage, run)
        receiver.next_delivery()
        assert stage.aftercalls.sent == [(run.id, 120)]
        stage.clock.move(seconds=60)
        follow(stage, run)
        assert_nothing_came(receiver)
        stage.clock.move(seconds=60)
        follow(stage, run)
        receiver.next_delivery()
    assert states(stage, run) == [("crm", DeliveryStatus.DELIVERED, 2, "200")]


@pytest.mark.parametrize("status", [301, 400, 401, 404, 409, 422])
def test_who_refuses_what_is_sent_is_not_asked_again(stage: Backstage, status: int) -> None:
    with callback_receiver(status) as receiver:
        run = ended_run(stage, an_agent(stage, webhook(receiver.url)))
        follow(stage, run)
    assert states(stage, run) == [("crm", DeliveryStatus.FAILED, 1, str(status))]
    assert (stage.aftercalls.sent, owed(stage)) == ([], frozenset())


def test_attempts_are_bounded(stage: Backstage) -> None:
    with callback_receiver(500) as receiver:
        run = ended_run(stage, an_agent(stage, webhook(receiver.url)))
        for wait_seconds in (10, 60, 300, 900, 900):
            follow(stage, run)
            assert stage.aftercalls.sent.pop() == (run.id, wait_seconds)
            stage.clock.move(seconds=wait_seconds)
        follow(stage, run)
    assert states(stage, run) == [("crm", DeliveryStatus.FAILED, 6, "500")]
    assert (stage.aftercalls.sent, owed(stage)) == ([], frozenset())


def test_a_webhook_that_is_switched_off_is_not_sent(stage: Backstage) -> None:
    with callback_receiver() as receiver:
        run = ended_run(
            stage, an_agent(stage, webhook(receiver.url, enabled=False), webhook("", id_="nowhere"))
        )
        assert run.webhooks == ()
        follow(stage, run)
        assert_nothing_came(receiver)


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest", "http://10.0.0.1/"])
def test_an_address_that_is_not_allowed_is_not_asked(stage: Backstage, url: str) -> None:
    run = ended_run(stage, an_agent(stage, webhook(url)))
    follow(stage, run)
    assert states(stage, run) == [("crm", DeliveryStatus.FAILED, 1, "address-not-allowed")]


def test_a_webhook_whose_message_was_lost_is_sent_when_the_reaper_asks(stage: Backstage) -> None:
    with callback_receiver() as receiver:
        run = ended_run(stage, an_agent(stage, webhook(receiver.url)))
        stage.clock.move(minutes=21)
        stage.reaper.tick()
        assert stage.aftercalls.sent == [(run.id, 0)]
        follow(stage, run)
        receiver.next_delivery()
    stage.aftercalls.sent.clear()
    stage.clock.move(minutes=21)
    stage.reaper.tick()
    assert stage.aftercalls.sent == []


def test_a_webhook_that_its_draft_has_no_more_fails(stage: Backstage) -> None:
    run = ended_run(stage, an_agent(stage), webhooks=(Delivery(node_id="gone"),))
    follow(stage, run)
    assert states(stage, run) == [("gone", DeliveryStatus.FAILED, 1, "webhook-gone")]


def test_slow_receivers_are_left_to_the_next_message(stage: Backstage) -> None:
    with callback_receiver() as receiver:
        agent = an_agent(stage, *(webhook(receiver.url, id_=str(n)) for n in range(3)))
        run = ended_run(stage, agent)
        handle = aftercall(stage)
        courier = stage.ports.courier
        plain_send = courier.send

        def slow_send(*args: Any, **more: Any) -> Any:
            stage.clock.move(seconds=30)
            return plain_send(*args, **more)

        courier.send = slow_send  # type: ignore[method-assign]
        handle(message(run.id), CONTEXT)
        assert receiver.deliveries.qsize() == 2
        assert stage.aftercalls.sent == [(run.id, 0)]
        handle(message(run.id), CONTEXT)
        assert receiver.deliveries.qsize() == 3
    assert owed(stage) == frozenset()


def test_the_end_of_a_call_is_sent_by_an_agent_of_a_whole_install(shared_install: WholeInstall) -> None:
    http = shared_install.http
    with callback_receiver() as receiver:
        definition = {
            "nodes": [
                {"id": "a", "type": "startCall", "data": {"name": "A", "say": "Hello. Goodbye."}},
                webhook(
                    receiver.url,
                    payload_template={
                        "who": "{{customer}}",
                        "status": "{{run.status}}",
                        "id": "{{workflow_run_id}}",
                    },
                ),
            ],
            "edges": [],
        }
        made = http.post("/api/v1/agents", json={"name": "Told", "workflow_definition": definition}).json()
        assert http.post(f"/api/v1/agents/{made['uuid']}/publish").is_success
        placed = http.post(
            f"/api/v1/public/agent/workflow/{made['uuid']}",
            json={"phone_number": "+15555550105", "initial_context": {"customer": {"id": 7}}},
        ).json()
        delivery = receiver.next_delivery()
        run = shared_install.wait_until_over(placed["workflow_run_id"])
    assert delivery.document == {
        "who": {"id": 7},
        "status": "busy",
        "id": placed["workflow_run_id"],
        "call_disposition": run["disposition"],
    }
    assert delivery.headers["x-offhook-attempt"] == "1"


def test_a_run_made_before_its_webhooks_were_kept_owes_none(stage: Backstage) -> None:
    with callback_receiver() as receiver:
        run = ended_run(stage, an_agent(stage, webhook(receiver.url)), webhooks=())
        assert run.ended_at is not None
        stage.clock.move(seconds=timedelta(hours=1).total_seconds())
        follow(stage, run)
        assert_nothing_came(receiver)
