"""Functions of the unpacked bundle under Lambda's runtime client, with what the stack gave them and nothing of this project."""

import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from infra.bundles import Bundle
from tests.support.aws_events import gateway_event
from tests.support.deployment import Deployment
from tests.support.lambda_runtime import LambdaProcess, running_command
from tests.support.stack import Template

# Tells what is opened outside of these folders: the bundle, the runtime, the interpreter's own and the system's; and, when
# the runtime has taken the handler, what its import has imported and made.
_WATCHED = """
import gc, importlib, json, os, runpy, sys, types
bundle, inside = sys.argv.pop(1), tuple(sys.argv.pop(1).split(os.pathsep))
wanted = sys.argv.pop(1)
def look(event, args):
    if event == "open" and isinstance(args[0], (str, bytes)):
        path = os.path.abspath(os.fsdecode(args[0]))
        if not path.startswith(inside):
            os.write(1, f"READ {path}\\n".encode())
sys.addaudithook(look)
def tell():
    frozen, is_on = gc.get_freeze_count(), gc.isenabled()
    gc.unfreeze()
    things = gc.get_objects()
    gc.freeze()
    files = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
    sdk, client = sys.modules.get("botocore.session"), sys.modules.get("botocore.client")
    openapi = sys.modules.get("fastapi.openapi.models")
    clients = [each for each in things if isinstance(each, client.BaseClient)] if client else []
    print(json.dumps({
        "started": wanted,
        "modules": [name for name, file in files.items() if file.startswith(bundle)],
        "sessions": sum(isinstance(each, sdk.Session) for each in things) if sdk else 0,
        "clients": sorted(each.meta.service_model.service_name for each in clients),
        "frozen": frozen,
        "collects": is_on,
        "validates_openapi": bool(openapi and openapi.OpenAPI.__pydantic_complete__),
    }))
class Room(types.ModuleType):
    def __getattr__(self, name):
        if name != "handler":
            raise AttributeError(name)
        handler = importlib.import_module(wanted).handler
        tell()
        return handler
sys.modules["room"] = Room("room")
runpy.run_module("awslambdaric", run_name="__main__")
"""
_SYSTEM = ("/dev/", "/proc/", "/etc/")
_RUNTIME = ("awslambdaric", "runtime_client", "simplejson", "snapshot_restore_py")


def lay_out_runtime(folder: Path) -> Path:
    """Copy the runtime client into a folder where nothing else of this environment lies."""
    folder.mkdir()
    for name in _RUNTIME:
        found = importlib.util.find_spec(name)
        assert found is not None
        assert found.origin is not None
        origin = Path(found.origin)
        if found.submodule_search_locations:
            shutil.copytree(origin.parent, folder / name)
        else:
            shutil.copy(origin, folder)
    return folder


class Rooms:
    """The functions of a deployment, each started when it is first called, and ended with `stack`."""

    def __init__(
        self,
        stack: ExitStack,
        *,
        template: Template,
        deployment: Deployment,
        bundle: Bundle,
        runtime: Path,
        outside: Mapping[str, str],
    ) -> None:
        self._stack = stack
        self._template = template
        self._deployment = deployment
        self._bundle = bundle.folder
        self._runtime = runtime
        self._outside = outside
        self.running: dict[str, LambdaProcess] = {}

    def invoke(self, room: str, event: dict[str, Any]) -> Any:
        """Return what a function answers to an event."""
        return self._of(room).invoke(event)

    def started(self, room: str) -> dict[str, Any]:
        """Return what a function's process knew when its handler was imported."""
        (known,) = self._of(room).records(started=f"functions.{room}.handler")
        return known

    def ask(
        self, room: str, method: str, url: str, *, key: str = "", body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        """Return the status and the JSON that a function answers a request with."""
        text = None if body is None else json.dumps(body)
        presented = {"x-api-key": key} if key else {}
        reply = self.invoke(room, gateway_event(method, url, headers={**presented, **headers}, body=text))
        return reply["statusCode"], json.loads(reply["body"])

    def reads_elsewhere(self) -> list[str]:
        """Return what functions have opened beside their bundle."""
        return [line for each in self.running.values() for line in each.lines if line.startswith("READ ")]

    def _of(self, room: str) -> LambdaProcess:
        if room not in self.running:
            self.running[room] = self._start(room)
        return self.running[room]

    def _start(self, room: str) -> LambdaProcess:
        module = f"functions.{room}.handler"
        inside = (str(self._bundle), str(self._runtime), sys.base_prefix, *_SYSTEM)
        environment = {
            **self._deployment.environment(self._template, f"{module}.handler"),
            **self._outside,
            "PYTHONPATH": os.pathsep.join((str(self._runtime), str(self._bundle))),
        }
        # -S: without the packages of this environment.
        watched = (str(self._bundle), os.pathsep.join(inside), module, "room.handler")
        command = [sys.executable, "-S", "-c", _WATCHED, *watched]
        return self._stack.enter_context(
            running_command(command, environment, name=room, folder=self._bundle)
        )
