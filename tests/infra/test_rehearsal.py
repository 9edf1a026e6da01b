"""A deployment rehearsed: CloudFormation makes the stack, and its functions and streamer carry a call from order to callback."""

import asyncio
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from websockets.asyncio.client import ClientConnection, connect

import functions
from infra.bundles import Target, streamer_bundle
from local.aws.speech.polly import Polly
from local.aws.speech.server import Addresses, speech_services
from local.aws.speech.signatures import Account
from local.aws.speech.transcribe_stream import Transcribe
from offhook.adapters.dynamodb.tables import TABLES
from tests.support.aws_events import message_event, tick_event
from tests.support.aws_speech import tones
from tests.support.bundled_rooms import Rooms
from tests.support.callback_receiver import CallbackReceiver, callback_receiver
from tests.support.calls import APPOINTMENT
from tests.support.carrier import ScriptedCarrier
from tests.support.deployment import LITERALS, Deployment
from tests.support.edge_function import edge_function
from tests.support.phone import STARTED, dial
from tests.support.stack import Template

SECRET = "the-install-secret-of-this-rehearsal"
CALLED, CALLER = "+14155550123", "+12025550100"
API = "/api/v1"
_MOST_POLLS = 30


@pytest.fixture
def receiver() -> Iterator[CallbackReceiver]:
    with callback_receiver() as receiver:
        yield receiver


def test_every_type_that_moto_has_is_made_and_no_other_is_replaced(
    template: Template, deployment: Deployment
) -> None:
    types = {id_: each["Type"] for id_, each in template.document["Resources"].items()}
    assert set(LITERALS) <= set(types.values())
    assert set(deployment.statuses) == {id_ for id_, type_ in types.items() if type_ not in LITERALS}
    assert set(deployment.statuses.values()) == {"CREATE_COMPLETE"}


def test_tables_queues_bucket_and_key_are_there_as_they_are_specified(
    template: Template, deployment: Deployment
) -> None:
    made = deployment.task_environment(template)
    for table in TABLES:
        name = made[f"OFFHOOK_{table.setting.upper()}"]
        found = boto3.client("dynamodb").describe_table(TableName=name)["Table"]
        indexes = {each["IndexName"]: each for each in found.get("GlobalSecondaryIndexes", [])}
        assert set(indexes) == {index.name for index in table.indexes}
        for index in table.indexes:
            projection = indexes[index.name]["Projection"]
            assert projection.get("NonKeyAttributes", []) == list(index.included or ())
    sqs = boto3.client("sqs")
    url = made["OFFHOOK_AFTERCALL_QUEUE_URL"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "720"
    assert json.loads(attributes["RedrivePolicy"])["maxReceiveCount"] == 5
    boto3.client("s3").head_bucket(Bucket=made["OFFHOOK_MEDIA_BUCKET"])
    key = made["OFFHOOK_KMS_KEY_ID"]
    assert boto3.client("kms").encrypt(KeyId=key, Plaintext=b"token")["KeyId"] == key


def test_the_pages_come_into_their_bucket_as_the_text_in_the_template_lays_them_out(
    template: Template, deployment: Deployment, assembly: Path, receiver: CallbackReceiver, tmp_path: Path
) -> None:
    asked = template.only("Custom::Pages")
    properties = {
        "Bucket": deployment.physical_ids[asked["Bucket"]["Ref"]],
        "ArchiveBucket": "archives",
        "ArchiveKey": asked["ArchiveKey"],
    }
    # The CDK packs the folder when it uploads it.
    folder = assembly / "default" / f"asset.{Path(asked['ArchiveKey']).stem}"
    archive = shutil.make_archive(str(tmp_path / "web"), "zip", folder)
    boto3.client("s3").create_bucket(Bucket="archives")
    boto3.client("s3").upload_file(archive, "archives", asked["ArchiveKey"])
    named = dict.fromkeys(("StackId", "RequestId", "LogicalResourceId"), "pages")
    index: dict[str, Any] = {}
    exec(template.named("AWS::Lambda::Function", "EdgePages")["Code"]["ZipFile"], index)
    index["handler"](
        {"RequestType": "Create", "ResponseURL": receiver.url, "ResourceProperties": properties, **named},
        None,
    )
    assert receiver.next_delivery().document["Status"] == "SUCCESS"
    call = boto3.client("s3").get_object(Bucket=properties["Bucket"], Key="call")
    assert call["ContentType"] == "text/html; charset=utf-8"
    for module in re.findall(rb'(?:src|href)="/(web/[^"]+)"', call["Body"].read()):
        boto3.client("s3").head_object(Bucket=properties["Bucket"], Key=module.decode())


@pytest.mark.timeout(300)
async def test_a_call_goes_from_its_order_to_its_callback_through_all_that_was_deployed(
    template: Template,
    deployment: Deployment,
    rooms: Rooms,
    carrier: ScriptedCarrier,
    receiver: CallbackReceiver,
    outside: dict[str, str],
    tmp_path: Path,
) -> None:
    def set_up() -> tuple[str, str]:
        return _set_up(rooms, _first_key(deployment))

    key, trigger_path = await asyncio.to_thread(set_up)
    environment = {**deployment.task_environment(template), **outside}
    run_id, order = await asyncio.to_thread(
        _order, rooms, key, trigger_path, carrier, callback_url=f"{receiver.url}/resume"
    )
    transcribe = Transcribe()
    polly = Polly(speak=tones, faults=transcribe.faults)
    account = Account(
        access_key_id=outside["AWS_ACCESS_KEY_ID"], secret_access_key=outside["AWS_SECRET_ACCESS_KEY"]
    )
    async with (
        speech_services(transcribe, polly, folder=tmp_path, account=account) as speech,
        _streamer(environment, speech) as port,
        dial(port, _stream_path(order["cxml"])) as phone,
    ):
        await phone.start(STARTED)
        await phone.wait_until(lambda: len(phone.marks) >= 1)
        assert (await asyncio.to_thread(_run, rooms, key, run_id))["status"] == "in_progress"
        await _watch(rooms, key, run_id, port)
        await phone.hang_up()
        await _talk(rooms, key, port)
    await asyncio.to_thread(_settle, rooms, key, run_id, order, environment, receiver)
    dials = deployment.environment(template, "functions.trigger.handler.handler")["OFFHOOK_DIAL_QUEUE_URL"]
    await asyncio.to_thread(_queue_another, rooms, key, trigger_path, carrier, dials)
    for room in ("reaper", "feeder"):
        assert await asyncio.to_thread(rooms.invoke, room, tick_event()) == {}
    there = {handler.parent.name for handler in Path(functions.__file__).parent.glob("*/handler.py")}
    assert set(rooms.running) == there
    assert rooms.reads_elsewhere() == []


def _first_key(deployment: Deployment) -> str:
    """Make the first key with the command that the stack tells."""
    words = shlex.split(deployment.outputs["FirstKeyCommand"])
    ours = str(Path(sys.executable).with_name("offhook"))
    command = [ours if word == ".venv/bin/offhook" else word for word in words] + ["--json"]
    assert ours in command
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return str(json.loads(said)["api_key"])


def _set_up(rooms: Rooms, first_key: str) -> tuple[str, str]:
    """Make a key, an agent and a line over HTTP, as an owner would; return the key and the trigger's path."""
    path = "rehearsal-trigger"
    trigger = {"id": "api", "type": "trigger", "data": {"name": "API", "trigger_path": path}}
    definition = {**APPOINTMENT, "nodes": [*APPOINTMENT["nodes"], trigger]}  # type: ignore[misc]
    made = _made(rooms, "api_keys", f"{API}/user/api-keys", first_key, {"name": "crm"})
    key = made["api_key"]
    agent = _made(
        rooms, "agents", f"{API}/agents", key, {"name": "Reminder", "workflow_definition": definition}
    )
    assert rooms.ask("agents", "POST", f"{API}/agents/{agent['uuid']}/publish", key=key)[0] == 200
    line = _made(
        rooms,
        "telephony",
        f"{API}/telephony-configurations",
        key,
        {
            "name": "main",
            "provider": "cloudonix",
            "is_default": True,
            "credentials": {"domain_id": "acme", "bearer_token": "XI-sealed-by-the-key-of-the-stack"},
        },
    )
    numbers = f"{API}/telephony-configurations/{line['id']}/phone-numbers"
    assert _made(rooms, "telephony", numbers, key, {"address": CALLER})["verified_at"]
    status, limits = rooms.ask("organization", "GET", f"{API}/organization/limits", key=key)
    assert (status, limits["max_concurrent_calls"]) == (200, 10)
    assert rooms.ask("campaigns", "GET", f"{API}/campaigns", key=key)[0] == 200
    asked = f"{API}/analytics?metric=runs&from=2026-11-29T00:00:00Z&to=2026-11-30T00:00:00Z"
    assert rooms.ask("analytics", "GET", asked, key=key)[0] == 200
    status, workflows = rooms.ask("sessions", "GET", f"{API}/streaming-workflows", key=key)
    assert (status, workflows["count"]) == (200, 1)
    status, document = rooms.ask("docs", "GET", "/openapi.json")
    assert (status, document["openapi"][:3]) == (200, "3.1")
    return key, path


def _made(rooms: Rooms, room: str, url: str, key: str, body: dict[str, Any]) -> Any:
    status, made = rooms.ask(room, "POST", url, key=key, body=body)
    assert status == 201, made
    return made


def _order(
    rooms: Rooms, key: str, trigger_path: str, carrier: ScriptedCarrier, **order: str
) -> tuple[int, dict[str, Any]]:
    """Order a call; return its run, and what the carrier was told to dial."""
    url = f"{API}/public/agent/{trigger_path}"
    status, answer = rooms.ask("trigger", "POST", url, key=key, body={"phone_number": CALLED, **order})
    assert status == 200, answer
    told = carrier.asked[-1]
    assert (told.method, told.path) == ("POST", "/calls/acme.cloudonix.net/application")
    assert told.authorization == "Bearer XI-sealed-by-the-key-of-the-stack"
    assert told.body["destination"] == CALLED
    return answer["workflow_run_id"], told.body


def _stream_path(cxml: str) -> str:
    found = re.search(r'url="wss://d111111abcdef8\.cloudfront\.net(/api/v1/telephony/ws/[^"]+)"', cxml)
    assert found
    return found[1]


@asynccontextmanager
async def _streamer(environment: dict[str, str], speech: Addresses) -> AsyncIterator[int]:
    """Run the streamer of the unpacked bundle; it ends by itself when it is told to, with its calls' runs settled."""
    bundle = streamer_bundle(target=Target.here()).folder
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-S", "-m", "streamer", "--port", "0"),
        cwd=bundle,
        env={
            **environment,
            "PYTHONPATH": str(bundle),
            "AWS_ENDPOINT_URL_POLLY": speech.polly_url,
            "OFFHOOK_TRANSCRIBE_URL": speech.transcribe_websocket_url,
            "OFFHOOK_TRANSCRIBE_CA_FILE": str(speech.ca_file),
        },
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    try:
        yield json.loads(await process.stdout.readline())["port"]
        process.terminate()
        await process.stdout.read()
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _watch(rooms: Rooms, key: str, run_id: int, port: int) -> None:
    """Watch the call from its first event on: with a token of a function, over the edge, at the streamer."""

    def token() -> tuple[int, Any]:
        return rooms.ask("sessions", "POST", f"{API}/streaming-sessions/sess_{run_id}/token", key=key)

    status, made = await asyncio.to_thread(token)
    assert (status, made["scope"]) == (200, "operate"), made
    async with _socket(port, made["ws_url"], f"ws_token={made['ws_token']}&resume_from=0") as socket:
        ready, first = [json.loads(await socket.recv()) for _ in range(2)]
    assert (ready["type"], ready["session_id"]) == ("ready", f"sess_{run_id}")
    assert (first["seq"], first["session_id"]) == ("1", f"sess_{run_id}")


async def _talk(rooms: Rooms, key: str, port: int) -> None:
    """Begin a session, hear the agent in the place of a caller, and end it."""

    def begin() -> Any:
        _, workflows = rooms.ask("sessions", "GET", f"{API}/streaming-workflows", key=key)
        order = {"workflowId": workflows["items"][0]["_id"]}
        return _made(rooms, "sessions", f"{API}/streaming-sessions", key, order)

    made = await asyncio.to_thread(begin)
    async with asyncio.timeout(60), _socket(port, made["ws_url"], f"ws_token={made['ws_token']}") as socket:
        assert json.loads(await socket.recv())["type"] == "ready"
        await socket.send(json.dumps({"type": "start", "data": {}}))
        while not isinstance(await socket.recv(), bytes):
            pass
        await socket.send(json.dumps({"type": "end", "data": {}}))
        async for _ in socket:
            pass
    run = await asyncio.to_thread(_run, rooms, key, int(made["session_id"].removeprefix("sess_")))
    assert (run["mode"], run["status"]) == ("web", "completed")


@asynccontextmanager
async def _socket(port: int, url: str, query: str) -> AsyncIterator[ClientConnection]:
    """Open a socket as the edge passes it on: to the streamer, and without anything secret in its address."""
    from infra.edge.distribution import SOCKET_PATHS

    with edge_function() as edge:
        passed, headers = edge.run(query, {})
    path = urlsplit(url).path
    assert any(fnmatchcase(path, pattern) for pattern in SOCKET_PATHS)
    assert "token" not in passed
    address = f"ws://127.0.0.1:{port}{path}?{passed}"
    async with connect(address, additional_headers=headers, compression=None, proxy=None) as socket:
        yield socket


def _run(rooms: Rooms, key: str, run_id: int) -> Any:
    status, run = rooms.ask("runs", "GET", f"{API}/runs/{run_id}", key=key)
    assert status == 200, run
    return run


def _settle(
    rooms: Rooms,
    key: str,
    run_id: int,
    order: dict[str, Any],
    environment: dict[str, str],
    receiver: CallbackReceiver,
) -> None:
    """Have the carrier tell of the end, deliver the callback, and read the finished run."""
    assert _tell(rooms, order, "completed") == 200
    event = _next_message(environment["OFFHOOK_AFTERCALL_QUEUE_URL"])
    # The first seconds belong to the reply to the order.
    while receiver.deliveries.empty():
        assert rooms.invoke("aftercall", event) == {"batchItemFailures": []}
    delivered = receiver.next_delivery().document
    run = _run(rooms, key, run_id)
    assert (delivered["workflow_run_id"], delivered["status"], run["status"]) == (
        run_id,
        "completed",
        "completed",
    )


def _queue_another(rooms: Rooms, key: str, trigger_path: str, carrier: ScriptedCarrier, dials: str) -> None:
    """Order a call for later; the dialer places it, and nobody answers."""
    asked = len(carrier.asked)
    url, body = f"{API}/public/agent/{trigger_path}", {"phone_number": CALLED}
    status, answer = rooms.ask("trigger", "POST", url, key=key, body=body, prefer="respond-async")
    assert (status, len(carrier.asked)) == (202, asked)
    event = _next_message(dials)
    assert rooms.invoke("dialer", event) == {"batchItemFailures": []}
    assert _tell(rooms, carrier.asked[-1].body, "noanswer") == 200
    assert _run(rooms, key, answer["workflow_run_id"])["status"] == "no_answer"


def _tell(rooms: Rooms, order: dict[str, Any], status: str) -> int:
    """Post a call's status to where the order says, as the carrier does."""
    path = order["callback"].removeprefix("https://d111111abcdef8.cloudfront.net")
    return rooms.ask("telephony", "POST", path, body={"status": status})[0]


def _next_message(queue_url: str) -> dict[str, Any]:
    """Wait for a message, which may have been sent with a delay, and return it as Lambda would bring it."""
    sqs = boto3.client("sqs")
    arn = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    for _ in range(_MOST_POLLS):
        if found := sqs.receive_message(QueueUrl=queue_url, WaitTimeSeconds=1).get("Messages"):
            return message_event(arn, found[0])
    raise AssertionError(f"Nothing came to {arn}.")
