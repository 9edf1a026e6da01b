"""Each room is given the variables that it reads, and no others."""

import ast
import asyncio
import importlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

import functions
from functions.aftercall import app
from functions.events import EventHandler
from infra.environment import READS
from offhook.adapters.carriers import by_provider
from offhook.runs.ending.aftercall import Aftercall
from offhook.settings import Settings
from tests.support.stack import Template

PROJECT = Path(functions.__file__).parents[1]
FUNCTIONS = sorted(handler.parent.name for handler in PROJECT.glob("functions/*/handler.py"))
GOOD_DEFAULTS = {
    "cloudonix_url": "the carrier's own address",
    "log_level": "INFO, unless the stack's option says otherwise",
    "metrics_namespace": "Offhook, unless the stack has another name",
    "allowed_networks": "none, unless the stack's option says otherwise",
    "polly_quotas": "those of a new account, unless the stack's option says otherwise",
    "max_calls": "one figure for the option and the setting",
    "recognisers": "transcribe",
    "synthesisers": "polly",
    "models": "embedded, unless the stack's option says otherwise",
    "bedrock_model": "none, likewise",
    "bedrock_region": "the stack's own",
    "bedrock_second_region": "none, unless the stack's option says otherwise",
    "llm_url": "none, likewise",
    "llm_model": "none, likewise",
    "llm_api_key_id": "none, likewise",
    "transcribe_url": "AWS",
    "transcribe_transport": "websocket",
    "transcribe_ca_file": "the machine's authorities",
    "embeddings_model": "none, likewise",
    "infrastructure": "aws",
    "price_list": "the built-in one",
    "drain_seconds": "fits into the time that ECS gives",
    "session_place_seconds": "half a minute",
}
"""Settings that a room reads and the stack need not write, and what holds then."""

# Asked for where no id is set, which there is, or need not be.
_READ_ON_THE_WAY = {"install_secret", "llm_api_key"}


MADE_LATER = {"feeder": ("contact_files", "export_files")}
"""What a room makes of its settings when it is first asked for it."""


class Watched:
    """Settings that note which of them are read."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.read.add(name)
        return getattr(self._settings, name)


@pytest.fixture(scope="module")
def settings_of_aws(storage_settings: Settings) -> Settings:
    manager: Any = boto3.client("secretsmanager")
    manager.create_secret(Name="offhook/environment", SecretString="a-secret-for-tests-of-32-characters")
    return Settings(
        public_base_url="https://voice.example.net",
        install_secret_id="offhook/environment",
        config_table=storage_settings.config_table,
        runs_table=storage_settings.runs_table,
        events_table=storage_settings.events_table,
        kms_key_id="alias/offhook",
        dial_queue_url=storage_settings.dial_queue_url,
        aftercall_queue_url=storage_settings.aftercall_queue_url,
        campaign_queue_url=storage_settings.campaign_queue_url,
    )


@pytest.fixture(autouse=True)
def eager_carriers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make carriers at once, which rooms do when they first ask one."""
    connect = by_provider.connect

    def connect_now(settings: Settings) -> by_provider.CarriersByProvider:
        carriers = connect(settings)
        for make in carriers._makers.values():
            make().close()
        return carriers

    monkeypatch.setattr(by_provider, "connect", connect_now)


@pytest.fixture(autouse=True)
def eager_reviewer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make what judges calls, and what tells campaigns, at once: their function does for the first run that owes it."""
    create = app.create_handler

    def create_now(aftercall: Aftercall) -> EventHandler:
        aftercall.reviewer()
        aftercall.campaigns()
        return create(aftercall)

    monkeypatch.setattr(app, "create_handler", create_now)


def read_by_function(room: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Start a function as Lambda does, and return which settings it reads."""
    watched = Watched(settings)
    monkeypatch.setattr(Settings, "from_env", lambda _: watched)
    name = f"functions.{room}.handler"
    monkeypatch.delitem(sys.modules, name, raising=False)
    module = importlib.import_module(name)
    for port in MADE_LATER.get(room, ()):
        getattr(module.ports, port)
    monkeypatch.delitem(sys.modules, name)
    return watched.read - _READ_ON_THE_WAY


def read_by_streamer(settings: Settings) -> set[str]:
    from offhook.aws import AwsPorts
    from streamer import main
    from streamer.conductor.playout import Pacer
    from streamer.wiring import make_calls

    watched = Watched(settings)

    async def compose() -> None:
        # What serves calls is made as the streamer makes it.
        await make_calls(AwsPorts(watched), Pacer(asyncio.get_running_loop()))  # type: ignore[arg-type]

    asyncio.run(compose())
    tree = ast.parse(Path(main.__file__).read_text(encoding="utf-8"))
    in_main = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "settings"
    }
    return (watched.read | in_main) - _READ_ON_THE_WAY


@pytest.mark.parametrize("room", FUNCTIONS)
def test_a_function_reads_what_the_stack_says_that_it_reads(
    room: str, settings_of_aws: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_by_function(room, settings_of_aws, monkeypatch) == set(READS[room])


def test_the_streamer_reads_what_the_stack_says_that_it_reads(settings_of_aws: Settings) -> None:
    assert read_by_streamer(settings_of_aws) == set(READS["streamer"])


def test_every_room_is_given_what_it_reads_and_nothing_else(template: Template) -> None:
    rooms = dict(environments(template))
    assert rooms.keys() == {*FUNCTIONS, "streamer"}
    for room, variables in rooms.items():
        names = {name.removeprefix("OFFHOOK_").lower() for name in variables if name.startswith("OFFHOOK_")}
        assert names <= set(READS[room]), room
        assert set(READS[room]) - names <= GOOD_DEFAULTS.keys(), room


def test_an_option_of_the_stack_reaches_every_room_that_reads_it(template: Template) -> None:
    for room, variables in environments(template):
        assert ("OFFHOOK_INSTALL_SECRET_ID" in variables) == (room != "docs")
        # Not in the template, and in no function's configuration.
        assert "OFFHOOK_INSTALL_SECRET" not in variables


def environments(template: Template) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for properties in template.properties("AWS::Lambda::Function"):
        if (parts := properties["Handler"].split("."))[0] == "functions":
            yield parts[1], properties.get("Environment", {}).get("Variables", {})
    (container,) = template.only("AWS::ECS::TaskDefinition")["ContainerDefinitions"]
    yield "streamer", {each["Name"]: each["Value"] for each in container["Environment"]}
