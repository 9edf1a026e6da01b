"""The streamer as its own process with what AWS gives it: a region, a secret's id, and metrics that it writes itself."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import IO, Any
from uuid import uuid4

import boto3
import pytest

from offhook.agents.engines import EMBEDDED
from offhook.settings import Settings
from streamer.figures import publish
from tests.support.makers import NOON

SECRET = "the-install-secret-of-this-streamer"
TOO_SHORT = "a-short-secret"


def settings_with(secret: str, storage_settings: Settings) -> Settings:
    manager: Any = boto3.client("secretsmanager")
    name = f"offhook/{uuid4()}"
    manager.create_secret(Name=name, SecretString=secret)
    return replace(
        storage_settings,
        public_base_url="https://voice.example.net",
        install_secret="",
        install_secret_id=name,
        infrastructure="aws",
        metrics_namespace="Voice",
        recogniser_url="ws://127.0.0.1:9",
        synthesiser_url="ws://127.0.0.1:9",
        max_calls=40,
    )


@contextmanager
def streamer(settings: Settings, region_variable: str) -> Iterator[subprocess.Popen[str]]:
    regions = ("AWS_REGION", "AWS_DEFAULT_REGION")
    inherited = {name: value for name, value in os.environ.items() if name not in regions}
    with subprocess.Popen(
        [sys.executable, "-m", "streamer", "--port", "0"],
        env={**inherited, **settings.to_env(), region_variable: "us-east-1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def next_line(stream: IO[str] | None) -> dict[str, Any]:
    assert stream is not None
    found: dict[str, Any] = json.loads(stream.readline())
    return found


@pytest.mark.parametrize("region_variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_a_streamer_on_aws_starts_with_either_region_and_publishes_how_full_it_is(
    region_variable: str, storage_settings: Settings
) -> None:
    with streamer(settings_with(SECRET, storage_settings), region_variable) as process:
        assert next_line(process.stdout)["port"] > 0
        published = next_line(process.stdout)
        process.terminate()
        left = "".join(process.communicate(timeout=60))
    (directive,) = published.pop("_aws")["CloudWatchMetrics"]
    assert directive["Namespace"] == "Voice"
    assert {metric["Name"] for metric in directive["Metrics"]} <= published.keys()
    assert published == {"service": "streamer", "Calls": 0, "Slots": 40, "SlotUtilisation": 0.0}
    assert process.returncode == 0
    assert SECRET not in left


def test_a_streamer_of_a_local_install_publishes_nothing(storage_settings: Settings) -> None:
    settings = replace(settings_with(SECRET, storage_settings), infrastructure=EMBEDDED)
    with streamer(settings, "AWS_REGION") as process:
        assert next_line(process.stdout)["port"] > 0
        process.terminate()
        assert process.communicate(timeout=60)[0] == ""


def test_a_streamer_whose_secret_is_too_short_says_so_and_does_not_tell_it(
    storage_settings: Settings,
) -> None:
    with streamer(settings_with(TOO_SHORT, storage_settings), "AWS_REGION") as process:
        told, complaint = process.communicate(timeout=60)
    assert (process.returncode, told) == (1, "")
    assert "at least 32 characters" in complaint
    assert TOO_SHORT not in complaint


async def test_each_interval_has_its_line_with_the_calls_of_that_moment(
    capsys: pytest.CaptureFixture[str],
) -> None:
    calls, enough = iter([0, 3, 4]), asyncio.Event()

    def counted() -> int:
        number = next(calls)
        if number == 4:
            enough.set()
        return number

    task = asyncio.create_task(publish(counted, 12, namespace="Voice", interval_s=0.01, clock=lambda: NOON))
    await enough.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["Calls"], line["Slots"], line["SlotUtilisation"]) for line in lines] == [
        (0, 12, 0.0),
        (3, 12, 25.0),
        (4, 12, 33.3),
    ]
    assert lines[0]["_aws"]["Timestamp"] == round(NOON.timestamp() * 1000)
