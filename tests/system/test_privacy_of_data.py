"""Nobody but its owner can look into the data folder, and the log of `offhook up` is as structured as all others."""

import asyncio
import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi import FastAPI

from local.aws.journal import Journal
from local.install.seed import Secrets
from local.processes.serving import serving

_WARN = """
import logging
from streamer.logs import log_to_stderr
log_to_stderr("WARNING")
for name in ("local.cloudonix.session", "functions.http", "offhook.http"):
    logging.getLogger(name).warning("told", extra={"run_id": 7})
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folders_of_the_journal_are_their_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "aws"
    folder.mkdir(mode=0o755)
    Journal(folder, on_notice=print).close()
    assert (mode(folder), mode(folder / "bodies")) == (0o700, 0o700)


def test_the_data_folder_is_made_for_its_owner_alone_and_one_that_was_there_is_left(tmp_path: Path) -> None:
    Secrets.keep_in(tmp_path / "new")
    (tmp_path / "old").mkdir(mode=0o755)
    Secrets.keep_in(tmp_path / "old")
    assert (mode(tmp_path / "new"), mode(tmp_path / "old")) == (0o700, 0o755)


def test_what_a_local_part_warns_of_is_a_line_of_json_with_its_fields() -> None:
    # In a process of its own: whatever else runs in this one may have set up logging too.
    told = subprocess.run([sys.executable, "-c", _WARN], capture_output=True, text=True, check=True).stderr
    lines = [json.loads(line) for line in told.splitlines()]

    assert [line["logger"] for line in lines] == ["local.cloudonix.session", "functions.http", "offhook.http"]
    # As the functions' logs name them.
    assert all({"level", "location", "message", "timestamp", "service"} <= line.keys() for line in lines)
    assert all((line["message"], line["run_id"]) == ("told", 7) for line in lines)


async def test_a_request_for_an_upgrade_brings_no_advice(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(FastAPI()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        async with asyncio.timeout(10):
            assert (await reader.readline()).startswith(b"HTTP/1.1 404")
        writer.close()
        await writer.wait_closed()
    assert caplog.records == []
