"""`offhook doctor`: what is wrong with this machine or with the install, and what to do about it."""

import importlib.util
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from local.client.rest import InstallClient
from local.client.target import DEFAULT_PORT, AsJson, BaseUrl, Target, find_target
from local.client.terminal import say, say_json
from local.doctor.finding import Finding, ill, well
from local.processes.ports import is_free
from offhook.errors import OffhookError

_EXTRAS = {
    "functions": ("fastapi", "mangum", "aws_lambda_powertools"),
    "streamer": ("numpy", "webrtcvad", "websockets"),
    "offline": ("espeakng_loader", "pocketsphinx"),
    "local": ("cryptography", "moto", "typer", "uvicorn"),
}


def doctor(
    *,
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="The port that `offhook up` would take.")
    ] = DEFAULT_PORT,
    aws: Annotated[
        bool, typer.Option("--aws", help="Look at an install on AWS, with your AWS credentials.")
    ] = False,
    stack: Annotated[str, typer.Option(help="With --aws: the stack's name.")] = "Offhook",
    base_url: BaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Look at this machine and at the install, and say what to do about each thing that is wrong."""
    is_well = True
    for finding in _on_aws(stack) if aws else _here(base_url, port):
        is_well = is_well and finding.is_well
        if as_json:
            say_json(asdict(finding))
        else:
            say(_line(finding))
    if not is_well:
        raise typer.Exit(1)


def _here(base_url: str | None, port: int) -> Iterator[Finding]:
    target = find_target(base_url)
    yield from _machine()
    yield from _install(target, port=port, must_run=bool(base_url or os.environ.get("OFFHOOK_BASE_URL")))


def _on_aws(stack: str) -> Iterator[Finding]:
    # The SDK takes longer to import than all that the other commands do.
    from local.doctor.aws import look_at_aws

    return look_at_aws(stack)


def _line(finding: Finding) -> str:
    return f"{'ok ' if finding.is_well else 'BAD'}  {finding.subject:<11} {finding.sentence}"


def _machine() -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    is_tested = (3, 11) <= sys.version_info < (3, 14)
    advice = "" if is_tested else "; Offhook is tested on 3.11 to 3.13: make run PYTHON=python3.12"
    yield Finding(subject="python", is_well=is_tested, sentence=f"{version}{advice}")
    for extra, modules in _EXTRAS.items():
        missing = [name for name in modules if importlib.util.find_spec(name) is None]
        sentence = f"{', '.join(missing)} missing: run make setup" if missing else "installed"
        yield Finding(subject=extra, is_well=not missing, sentence=sentence)


def _install(target: Target, *, port: int, must_run: bool) -> Iterator[Finding]:
    """Look at the install; on this machine none needs to run, but then its port must be free."""
    try:
        with InstallClient(target, with_key=False) as client:
            client.check_health()
    except OffhookError as error:
        if must_run:
            yield ill("install", error.detail)
            return
        yield well("install", "none runs here; offhook up or make run starts one")
        yield _port(port)
        return
    yield well("install", f"answers at {target.base_url}")
    yield _key(target)


def _port(port: int) -> Finding:
    if is_free(port):
        return well("port", f"{port} is free")
    return ill(
        "port", f"{port} is taken (by an Offhook that runs here?): offhook up --port 0 takes a free one"
    )


def _key(target: Target) -> Finding:
    """Try the key on the runs, which nearly every key may read; a lacking scope proves the key too."""
    try:
        with InstallClient(target) as client:
            client.get("/runs", {"limit": 1})
    except OffhookError as error:
        if error.code == "scope-required":
            return well("key", "valid, though it may not read runs")
        return ill("key", error.detail)
    return well("key", "valid")
