"""Each function under the real runtime client of AWS Lambda, from the event to the database and back."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest

import functions
from offhook.adapters.kms.secret_box import KmsSecretBox
from offhook.clock import system_clock
from offhook.settings import Settings
from offhook.telephony.links import CarrierLinks
from tests.support.callback_receiver import callback_receiver
from tests.support.cloudonix import add_cloudonix
from tests.support.lambda_runtime import LambdaProcess, http_event, queue_event, running_lambda
from tests.support.rest import PUBLIC_BASE_URL, Install, Tenant

pytestmark = pytest.mark.lambda_python

BEARER_TOKEN = "XI-sealed-by-kms"
CALLED = "+14155550123"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One request that a function answers, and one that is malformed."""

    function: str
    method: str
    path: str
    body: Any = None
    status: int = 200
    route: str = ""
    malformed: tuple[str, str] = ("POST", "")
    query: str = ""
    malformed_query: str = ""


CASES = [
    Case(
        function="trigger",
        method="POST",
        path="/public/agent/workflow/{agent_uuid}",
        body={"phone_number": CALLED},
        malformed=("POST", "/public/agent/workflow/{agent_uuid}"),
    ),
    Case(
        function="runs",
        method="GET",
        path="/runs",
        malformed=("GET", "/runs"),
        malformed_query="limit=none&caller=%2B14155550177",
    ),
    Case(function="agents", method="GET", path="/agents", malformed=("POST", "/agents")),
    Case(
        function="api_keys",
        method="POST",
        path="/user/api-keys",
        body={"name": "crm"},
        status=201,
        malformed=("POST", "/user/api-keys"),
    ),
    Case(
        function="telephony",
        method="GET",
        path="/telephony-configurations",
        malformed=("POST", "/telephony-configurations"),
    ),
    Case(function="organization", method="GET", path="/organization/limits", malformed=("POST", "/tools")),
    Case(
        function="sessions",
        method="GET",
        path="/streaming-workflows",
        malformed=("GET", "/streaming-workflows"),
        malformed_query="sort=owner",
    ),
    Case(function="campaigns", method="GET", path="/campaigns", malformed=("POST", "/campaigns")),
    Case(
        function="analytics",
        method="GET",
        path="/analytics",
        query="metric=runs&from=2027-01-30T00:00:00Z&to=2027-01-31T00:00:00Z",
        malformed=("GET", "/analytics"),
        malformed_query="metric=luck",
    ),
]


@pytest.fixture
def settings(install: Install, storage_settings: Settings) -> Settings:
    return replace(
        storage_settings,
        public_base_url=PUBLIC_BASE_URL,
        cloudonix_url=install.carrier.url,
        kms_key_id=boto3.client("kms").create_key()["KeyMetadata"]["KeyId"],
    )


@pytest.fixture
def settings_of_aws(settings: Settings) -> Settings:
    """Return the settings with the secret where it is on AWS."""
    manager: Any = boto3.client("secretsmanager")
    name = f"offhook/{uuid4()}"
    manager.create_secret(Name=name, SecretString=settings.install_secret)
    return replace(settings, install_secret="", install_secret_id=name)


@pytest.fixture
def calling(install: Install, settings: Settings, organization_id: str) -> Tenant:
    """Return an organization whose carrier token is sealed by KMS."""
    tenant = install.new_tenant(organization_id, has_line=False)
    configuration = add_cloudonix(
        install.store.telephony,
        KmsSecretBox(settings.kms_key_id),
        organization_id,
        domain=organization_id,
        bearer_token=BEARER_TOKEN,
        now=system_clock(),
    )
    install.add_number(organization_id, configuration.id, "+14155550100")
    return tenant


def test_no_function_is_forgotten_here() -> None:
    there = {handler.parent.name for handler in Path(functions.__file__).parent.glob("*/handler.py")}
    assert there == {case.function for case in CASES} | {"docs", "dialer", "aftercall", "feeder", "reaper"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.function)
def test_a_function_answers_over_the_runtime_api(
    settings: Settings, settings_of_aws: Settings, calling: Tenant, case: Case
) -> None:
    def path(template: str) -> str:
        return "/api/v1" + template.format(agent_uuid=calling.agent_uuid)

    headers = {"x-api-key": calling.api_key, "content-type": "application/json"}
    with running_lambda(case.function, settings_of_aws) as function:
        body = None if case.body is None else json.dumps(case.body)
        good = function.invoke(
            http_event(case.method, path(case.path), headers=headers, body=body, query=case.query)
        )
        unknown = function.invoke(http_event(case.method, path(case.path), body=body))
        method, template = case.malformed
        bad = function.invoke(
            http_event(method, path(template), headers=headers, body="{", query=case.malformed_query)
        )
        assert_recorded(function, good, case.status, case.path)
        assert_recorded(function, unknown, 401, case.path)
        assert_recorded(function, bad, 422, template)
    assert (good["statusCode"], unknown["statusCode"], bad["statusCode"]) == (case.status, 401, 422)
    assert good["headers"]["content-type"] == "application/json"
    for refused, code in ((unknown, "unauthenticated"), (bad, "invalid")):
        assert refused["headers"]["content-type"] == "application/problem+json"
        assert json.loads(refused["body"])["code"].startswith(code)
    shown = json.loads(good["body"]).get("api_key")
    assert_tells_nothing(function, settings, calling, *([shown] if shown else []))


ODD_EVENTS: list[tuple[dict[str, Any], int]] = [
    ({"headers": {"X-Forwarded-Port": "four", "Host": "[::1]:x", "X-Forwarded-Proto": "https"}}, 401),
    ({"headers": {"x-api-key": None}}, 401),
    ({"headers": None}, 401),
    ({"requestContext": {"stage": "prod", "http": {"path": "/prod/api/v1/runs"}}}, 401),
    ({"requestContext": {"http": {"path": "/prod/api/v1/runs"}}}, 404),
    ({"rawQueryString": None}, 401),
    ({"body": "a", "isBase64Encoded": True}, 400),
    ({"requestContext": {"http": None}}, 400),
    ({"version": "7"}, 400),
]


def test_an_odd_event_is_answered_with_a_problem(settings: Settings) -> None:
    with running_lambda("runs", settings) as function:
        for changes, status in ODD_EVENTS:
            reply = function.invoke(_merged(http_event("GET", "/api/v1/runs"), changes))
            assert (reply["statusCode"], changes) == (status, changes)
            assert reply["headers"]["content-type"] == "application/problem+json"
            assert json.loads(reply["body"])["status"] == status


def _merged(old: Any, new: Any) -> Any:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    return {**old, **{name: _merged(old.get(name), value) for name, value in new.items()}}


def assert_recorded(function: LambdaProcess, reply: dict[str, Any], status: int, route: str) -> None:
    """Assert one log line and one set of metrics for a reply, both under the template of its route."""
    request_id = reply["headers"]["x-request-id"]
    (line,) = function.records(message="request answered", request_id=request_id)
    assert (line["level"], line["status"], line["route"]) == ("INFO", status, route)
    assert line["duration_ms"] > 0
    assert line["correlation_id"] == "gateway-1"
    # They are written after the line.
    function.records(route=route, Requests=[1.0])
    measured = [each for each in metrics(function) if each["route"] == route]
    assert all(each["service"] == line["service"] for each in measured)
    assert all(each["Requests"] == [1.0] and each["Errors"] == [0.0] for each in measured)
    assert all(each["Latency"][0] > 0 for each in measured)
    assert measured


def metrics(function: LambdaProcess) -> Iterator[dict[str, Any]]:
    for record in function.metrics():
        (directive,) = record["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "Offhook"
        assert {"service", "route"} in [
            set(names) for names in directive["Dimensions"]
        ] or "Errors" not in record
        yield record


def assert_tells_nothing(function: LambdaProcess, settings: Settings, tenant: Tenant, *secrets: str) -> None:
    output = "\n".join(function.lines)
    numbers = (CALLED[1:], "14155550100", "14155550177")
    for secret in (tenant.api_key, BEARER_TOKEN, settings.install_secret, *numbers, *secrets):
        assert secret not in output
    strange = [line for line in function.lines if not line.startswith("{")]
    assert strange == [], "\n".join(strange)
    assert_libraries_are_quiet(function)


def assert_libraries_are_quiet(function: LambdaProcess) -> None:
    """Assert that nothing came through the handler of the root, which is as verbose as can be."""
    foreign = [json.loads(line) for line in function.lines if "service" not in json.loads(line)]
    # It tells where its settings are while it is imported.
    assert {each["logger"] for each in foreign} <= {"pynamodb.settings"}


def test_a_function_reads_its_secret_from_secrets_manager_and_knows_the_previous_one(
    settings: Settings, calling: Tenant
) -> None:
    manager: Any = boto3.client("secretsmanager")
    name = f"offhook/{calling.organization_id}"
    manager.create_secret(Name=name, SecretString=settings.install_secret)
    manager.put_secret_value(SecretId=name, SecretString="the-second-secret-of-this-test-here")
    rotated = replace(settings, install_secret="", install_secret_id=name)
    statuses = []
    with running_lambda("telephony", rotated) as function:
        for secret in (settings.install_secret, "the-second-secret-of-this-test-here", "a-third" * 8):
            url = CarrierLinks(PUBLIC_BASE_URL, secret).status_callback_url("cloudonix", 1)
            event = http_event("POST", url.removeprefix(PUBLIC_BASE_URL), body="{}")
            statuses.append(function.invoke(event)["statusCode"])
    # Whose address is ours is told that there is no such run.
    assert statuses == [404, 404, 401]
    assert_tells_nothing(function, settings, calling, "the-second-secret-of-this-test-here")


def test_a_function_whose_secret_is_too_short_does_not_start_and_does_not_tell_it(settings: Settings) -> None:
    manager: Any = boto3.client("secretsmanager")
    name = f"offhook/{uuid4()}"
    manager.create_secret(Name=name, SecretString="a-short-secret")
    with running_lambda("runs", replace(settings, install_secret="", install_secret_id=name)) as function:
        outcome = function.api.outcomes.get(timeout=60)
    assert outcome.kind == "init-error"
    assert "at least 32 characters" in outcome.body["errorMessage"]
    assert "a-short-secret" not in json.dumps(outcome.body) + "".join(function.lines)


def test_the_docs_function_shows_the_document_without_a_key(settings: Settings) -> None:
    with running_lambda("docs", settings) as function:
        document = function.invoke(http_event("GET", "/openapi.json"))
        page = function.invoke(http_event("GET", "/docs"))
        health = function.invoke(http_event("GET", "/healthz"))
        # What is no function's comes here.
        nothing = function.invoke(http_event("POST", "/api/v1/nothing", body="{}"))
    assert json.loads(document["body"])["openapi"].startswith("3.1")
    assert page["headers"]["content-type"].startswith("text/html")
    assert json.loads(health["body"]) == {"status": "ok"}
    assert (nothing["statusCode"], nothing["headers"]["content-type"]) == (404, "application/problem+json")


def test_a_queued_call_is_dialled_by_the_dialer(
    install: Install, settings: Settings, settings_of_aws: Settings, calling: Tenant
) -> None:
    headers = {"x-api-key": calling.api_key, "content-type": "application/json", "prefer": "respond-async"}
    path = f"/api/v1/public/agent/{calling.trigger_path}"
    with running_lambda("trigger", settings_of_aws) as trigger:
        reply = trigger.invoke(
            http_event("POST", path, headers=headers, body=json.dumps({"phone_number": CALLED}))
        )
        assert reply["statusCode"] == 202
        run_id = json.loads(reply["body"])["workflow_run_id"]
        (line,) = trigger.records(message="request answered")
        assert line["run_id"] == run_id
    assert install.carrier.asked == []
    with running_lambda("dialer", settings_of_aws) as dialer:
        answer = dialer.invoke(queue_event(json.dumps({"run_id": run_id}), "no JSON"))
        assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
        (line,) = dialer.records(message="event handled")
        assert (line["messages"], line["failed"]) == (2, 1)
        (measured,) = metrics(dialer)
        assert (measured["route"], measured["Errors"]) == ("event", [1.0])
    (asked,) = install.carrier.asked
    assert asked.authorization == f"Bearer {BEARER_TOKEN}"
    for function in (trigger, dialer):
        assert_tells_nothing(function, settings, calling)


def test_a_call_that_nobody_answers_is_told_of_through_three_functions(
    settings: Settings, settings_of_aws: Settings, calling: Tenant
) -> None:
    settings_of_aws = replace(settings_of_aws, allowed_networks="127.0.0.0/8")
    with callback_receiver() as receiver:
        order = {"phone_number": CALLED, "callback_url": f"{receiver.url}/resume/secret-of-the-receiver"}
        headers = {"x-api-key": calling.api_key, "content-type": "application/json"}
        with running_lambda("trigger", settings_of_aws) as trigger:
            reply = trigger.invoke(
                http_event(
                    "POST",
                    f"/api/v1/public/agent/{calling.trigger_path}",
                    headers=headers,
                    body=json.dumps(order),
                )
            )
            run_id = json.loads(reply["body"])["workflow_run_id"]
        links = CarrierLinks(PUBLIC_BASE_URL, settings.install_secret)
        path = links.status_callback_url("cloudonix", run_id).removeprefix(PUBLIC_BASE_URL)
        with running_lambda("telephony", settings_of_aws) as telephony:
            told = telephony.invoke(http_event("POST", path, headers=headers, body='{"status": "noanswer"}'))
            (line,) = telephony.records(message="request answered")
        assert (told["statusCode"], line["route"]) == (200, "/telephony/cloudonix/status-callback/{token}")
        with running_lambda("aftercall", settings_of_aws) as aftercall:
            # The first seconds belong to the reply to the order.
            while receiver.deliveries.empty():
                answer = aftercall.invoke(queue_event(json.dumps({"run_id": run_id})))
                assert answer == {"batchItemFailures": []}
        assert receiver.next_delivery().document["status"] == "no_answer"
    token = path.rpartition("/")[2]
    for function in (trigger, telephony, aftercall):
        assert_tells_nothing(function, settings, calling, token, "secret-of-the-receiver")


@pytest.mark.parametrize("room", ["feeder", "reaper"])
def test_a_function_runs_on_a_schedule(
    settings: Settings, settings_of_aws: Settings, calling: Tenant, room: str
) -> None:
    with running_lambda(room, settings_of_aws) as function:
        assert function.invoke({"source": "aws.events", "detail-type": "Scheduled Event"}) == {}
        (line,) = function.records(message="event handled")
        function.records(service=room, Errors=[0.0])
        assert [each["Errors"] for each in metrics(function) if "Errors" in each] == [[0.0]]
    assert line["failed"] == 0
    assert_tells_nothing(function, settings, calling)


def test_a_function_that_cant_start_says_why(settings: Settings) -> None:
    with running_lambda("runs", replace(settings, public_base_url="")) as function:
        outcome = function.api.outcomes.get(timeout=60)
    assert (outcome.kind, outcome.body["errorType"]) == ("init-error", "NotConfiguredError")
    assert "OFFHOOK_PUBLIC_BASE_URL" in outcome.body["errorMessage"]
