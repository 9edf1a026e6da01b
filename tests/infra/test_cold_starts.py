"""What the start of each function imports and makes, as it lies in the bundle: each package is time before its first answer."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest

import functions
from infra.bundles import Target, functions_bundle
from infra.bundles.compiling import find_python
from offhook.settings import Settings

PROJECT = Path(functions.__file__).parents[1]
FUNCTIONS = sorted(path.parent.name for path in Path(functions.__file__).parent.glob("*/handler.py"))

LOG = {"aws_lambda_powertools", "botocore", "jmespath", "typing_extensions"}
SDK = {"certifi", "dateutil", "pynamodb", "six", "urllib3"}
MODELS = {"annotated_types", "pydantic", "pydantic_core", "typing_inspection"}
ASGI = {"anyio", "mangum", "starlette"}
FASTAPI = {"annotated_doc", "fastapi", "opentelemetry"}

EVENT = LOG | SDK | MODELS
HTTP = EVENT | ASGI | FASTAPI
ALLOWED = {
    **dict.fromkeys(
        (
            "agents",
            "analytics",
            "api_keys",
            "campaigns",
            "organization",
            "runs",
            "sessions",
            "telephony",
            "trigger",
        ),
        HTTP,
    ),
    **dict.fromkeys(("aftercall", "dialer", "feeder", "reaper"), EVENT),
    "docs": LOG | ASGI,
}
# FastAPI would import it if it were in the bundle.
UNUSED = {"pydantic.v1"}
# Our own that are dear, and that few requests need: whoever does imports them then.
LATER = {
    "aftercall": {
        "offhook.workflows",
        "offhook.runs.ending.reviewing",
        "offhook.sessions.commands",
        "functions.aftercall.judge",
    },
    "dialer": {"offhook.workflows", "offhook.sessions.commands"},
    "telephony": {"offhook.adapters.dynamodb.deployments"},
}

START = """
import gc, importlib, json, sys
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    importlib.import_module(name)
frozen, is_on = gc.get_freeze_count(), gc.isenabled()
gc.unfreeze()
modules = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
sdk = sys.modules.get("botocore.session")
client = sys.modules.get("botocore.client")
openapi = sys.modules.get("fastapi.openapi.models")
things = gc.get_objects()
print(json.dumps({
    "modules": [name for name, file in modules.items() if file.startswith(sys.argv[1])],
    "sessions": sum(isinstance(each, sdk.Session) for each in things) if sdk else 0,
    "clients": sorted(each.meta.service_model.service_name for each in things if isinstance(each, client.BaseClient))
    if client else [],
    "frozen": frozen,
    "collects": is_on,
    "validates_openapi": bool(openapi and openapi.OpenAPI.__pydantic_complete__),
}))
"""


def start(function: str, settings: Settings, *more: str) -> dict[str, Any]:
    """Start a function from the bundle, have it import `more`, and return what its process then knows."""
    target = Target.here()
    python = find_python(PROJECT, target.python)
    assert python
    process = subprocess.run(
        # Without the packages of this environment: some import others where they are there.
        [
            python,
            "-S",
            "-c",
            START,
            str(functions_bundle(target=target).folder),
            f"functions.{function}.handler",
            *more,
        ],
        env={**os.environ, **settings.to_env()},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    known: dict[str, Any] = json.loads(process.stdout)
    return known


@pytest.fixture(scope="module")
def deployed(storage_settings: Settings) -> Settings:
    """Return settings with a secret that has to be read, as in the stack."""
    manager: Any = boto3.client("secretsmanager")
    name = f"offhook/{uuid4()}"
    manager.create_secret(Name=name, SecretString="the-install-secret-of-these-starts")
    return replace(
        storage_settings,
        public_base_url="https://voice.example.net",
        install_secret="",
        install_secret_id=name,
        kms_key_id="alias/offhook",
    )


def unneeded(function: str, known: dict[str, Any]) -> set[str]:
    """Return what the function has imported and is not known to need: packages, and modules that nobody uses."""
    packages = {name.partition(".")[0] for name in known["modules"]} - {"functions", "offhook"}
    return (packages - ALLOWED[function]) | ((UNUSED | LATER.get(function, set())) & set(known["modules"]))


def test_every_function_has_its_list() -> None:
    assert sorted(ALLOWED) == FUNCTIONS


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_starts_with_what_it_needs_and_no_more(function: str, deployed: Settings) -> None:
    known = start(function, deployed)
    assert unneeded(function, known) == set()
    # The secret was read with a client that is gone; those of queues, key and bucket are for whoever uses them.
    is_stored = function != "docs"
    assert known["sessions"] == is_stored
    assert known["clients"] == (["dynamodb"] if is_stored else [])
    assert known["frozen"] > 1000
    assert known["collects"]
    # No function makes an OpenAPI document: what would validate one is not built.
    assert not known["validates_openapi"]


def test_a_function_that_imports_what_it_does_not_need_is_found(deployed: Settings) -> None:
    known = start("dialer", deployed, "fastapi.routing", "httpx")
    assert unneeded("dialer", known) > {"fastapi", "starlette", "httpx"}
