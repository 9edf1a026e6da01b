"""The functions, what calls them, and what is kept of that."""

import json
import re
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute

import functions
from offhook.aws import AwsPorts
from offhook.settings import Settings
from streamer.sessions.relay import PATH as RELAY_PATH
from tests.support.operations import DOCUMENT
from tests.support.stack import Template

FUNCTIONS = Path(functions.__file__).parent
STREAMER_PATHS = (
    "/api/v1/telephony/ws/1/token",
    "/api/v1/agent-stream/agent",
    "/api/v1/agent-stream/cloudonix/agent",
    "/api/v1/streaming/sessions/sess_1/ws",
)


def by_room(template: Template) -> dict[str, dict[str, Any]]:
    return {
        properties["Handler"].split(".")[1]: properties
        for properties in template.properties("AWS::Lambda::Function")
        if properties["Handler"].startswith("functions.")
    }


def room_of(template: Template, reference: Any) -> str:
    """Return the room of the function that something in the template points at."""
    (logical_id,) = re.findall(r"Functions\w+", json.dumps(reference))
    handler: str = template.document["Resources"][logical_id]["Properties"]["Handler"]
    return handler.split(".")[1]


def test_each_folder_with_a_handler_is_a_function(template: Template) -> None:
    assert by_room(template).keys() == {handler.parent.name for handler in FUNCTIONS.glob("*/handler.py")}


def test_functions_are_alike_where_they_can_be(template: Template) -> None:
    for room, function in by_room(template).items():
        assert function["Architectures"] == ["arm64"], room
        assert function["Runtime"] == "python3.13", room
        assert function["MemorySize"] in (512, 1024, 1769), room
        assert function["LoggingConfig"]["LogFormat"] == "Text", room
        # New accounts run ten functions at once: what one reserves the others lack.
        assert "ReservedConcurrentExecutions" not in function, room
    assert len({json.dumps(function["Code"]) for function in by_room(template).values()}) == 1


def test_no_function_goes_on_when_the_http_api_has_given_up(template: Template) -> None:
    from infra.functions.functions import HTTP_ROOMS

    assert {by_room(template)[room]["Timeout"] for room in HTTP_ROOMS} == {29}


def test_messages_are_not_handed_out_again_while_they_are_worked_on(template: Template) -> None:
    for mapping in template.properties("AWS::Lambda::EventSourceMapping"):
        function = by_room(template)[room_of(template, mapping["FunctionName"])]
        queue = template.document["Resources"][mapping["EventSourceArn"]["Fn::GetAtt"][0]]["Properties"]
        assert queue["VisibilityTimeout"] == 6 * function["Timeout"]


def test_queues_are_read_message_by_message(template: Template) -> None:
    mappings = template.properties("AWS::Lambda::EventSourceMapping")
    fed = {
        room_of(template, each["FunctionName"]): each["EventSourceArn"]["Fn::GetAtt"][0] for each in mappings
    }
    assert re.match("QueuesDialsQueue", fed["dialer"])
    assert re.match("QueuesAftercallsQueue", fed["aftercall"])
    assert re.match("QueuesCampaignsQueue", fed["feeder"])
    for mapping in mappings:
        assert mapping["BatchSize"] == 1
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["ScalingConfig"]["MaximumConcurrency"] >= 2


def test_reaper_and_feeder_are_called_every_minute_and_never_again_for_the_same(template: Template) -> None:
    rule = template.only("AWS::Events::Rule")
    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 minute)", "ENABLED")
    assert {room_of(template, target["Arn"]) for target in rule["Targets"]} == {"reaper", "feeder"}
    for target in rule["Targets"]:
        assert target["RetryPolicy"] == {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
    invoked = template.properties("AWS::Lambda::EventInvokeConfig")
    assert {room_of(template, each["FunctionName"]) for each in invoked} == {"reaper", "feeder"}
    for each in invoked:
        assert (each["MaximumRetryAttempts"], each["Qualifier"]) == (0, "$LATEST")


def test_every_log_is_kept_for_a_while(template: Template) -> None:
    groups = list(template.resources("AWS::Logs::LogGroup"))
    assert {group["Properties"].get("RetentionInDays") for _, group in groups} == {30}
    named = {function["LoggingConfig"]["LogGroup"]["Ref"] for function in by_room(template).values()}
    assert len(named) == len(by_room(template))
    assert named <= {logical_id for logical_id, _ in groups}


def test_what_is_logged_of_requests_holds_no_path_no_query_and_no_address(template: Template) -> None:
    stage = template.only("AWS::ApiGatewayV2::Stage")
    logged = set(json.loads(stage["AccessLogSettings"]["Format"]).values())
    assert logged == {
        "$context.requestId",
        "$context.routeKey",
        "$context.status",
        "$context.responseLatency",
        "$context.integrationLatency",
        "$context.integrationErrorMessage",
    }
    # The keys of routes are patterns, with nothing of a request in them.
    for route in template.properties("AWS::ApiGatewayV2::Route"):
        assert re.fullmatch(r"\$default|ANY /api/v1/([a-z/-]|\{[a-z_]+\})+(/\{proxy\+\})?", route["RouteKey"])


def test_the_api_has_a_limit(template: Template) -> None:
    limits = template.only("AWS::ApiGatewayV2::Stage")["DefaultRouteSettings"]
    assert limits == {"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 200}


def routes(template: Template) -> dict[str, str]:
    """Return the rooms by what stands behind `ANY` in their routes."""
    resources = template.document["Resources"]
    found = {}
    for route in template.properties("AWS::ApiGatewayV2::Route"):
        (integration,) = re.findall(r'"Ref": "(\w+)"', json.dumps(route["Target"]))
        uri = resources[integration]["Properties"]["IntegrationUri"]
        found[route["RouteKey"].removeprefix("ANY ")] = room_of(template, uri)
    return found


def reached(path: str, known: dict[str, str]) -> str:
    """Route as an HTTP API does: what matches in full goes first, then the longest `{proxy+}`, then `$default`."""
    for key, room in known.items():
        # A variable stands for one part of the path.
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", key), path):
            return room
    greedy = [key.removesuffix("{proxy+}") for key in known if key.endswith("/{proxy+}")]
    fitting = max(
        (start for start in greedy if path.startswith(start) and path != start), key=len, default=None
    )
    return known["$default"] if fitting is None else known[f"{fitting}{{proxy+}}"]


@pytest.fixture(scope="module")
def served_by_room(storage_settings: Settings) -> dict[str, str]:
    """Return the rooms by the paths that their code serves."""
    from infra.functions.functions import HTTP_ROOMS

    ports = AwsPorts(storage_settings)
    return {
        f"/api/v1{route.path}": room
        for room in HTTP_ROOMS
        if room != "docs"
        for router in import_module(f"functions.{room}.app").routers(ports)
        for route in router.routes
        if isinstance(route, APIRoute)
    }


def test_every_path_of_the_document_reaches_the_function_that_serves_it(
    template: Template, served_by_room: dict[str, str]
) -> None:
    known = routes(template)
    # /healthz, which every function answers, and the document itself are not of one of them.
    assert DOCUMENT["paths"].keys() - served_by_room.keys() == {"/healthz"}
    for path in DOCUMENT["paths"]:
        concrete = re.sub(r"\{\w+\}", "x1", path)
        assert reached(concrete, known) == served_by_room.get(path, "docs"), path


def test_what_leads_nowhere_is_answered_with_a_problem(template: Template) -> None:
    known = routes(template)
    for path in ("/", "/docs", "/openapi.json", "/healthz", "/api/v1/nothing", "/favicon.ico"):
        assert reached(path, known) == "docs"


def test_only_sockets_go_to_the_load_balancer(template: Template) -> None:
    distribution = template.only("AWS::CloudFront::Distribution")["DistributionConfig"]
    patterns = [behaviour["PathPattern"] for behaviour in distribution["CacheBehaviors"]]
    assert not [path for path in DOCUMENT["paths"] if any(fnmatchcase(path, each) for each in patterns)]
    for socket in STREAMER_PATHS:
        assert any(fnmatchcase(socket, each) for each in patterns), socket
    # Of tasks among themselves.
    assert not any(fnmatchcase(RELAY_PATH, each) for each in patterns)
