"""What a task does before it is a streamer: fetch the archive with the role's credentials, check it, unpack it, exec."""

import ast
import hashlib
import io
import itertools
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from infra.streamer import boot
from tests.support.guarded_s3 import GuardedS3, guarded_s3
from tests.support.peers import listening, replies

SOURCE = Path(boot.__file__).read_text()
PROGRAM = """
import json, os, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
print(json.dumps({"folder": os.getcwd(), "options": sys.argv[1:]}), flush=True)
signal.pause()
"""


def archive_of(**files: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(f"streamer/{name}.py", text)
    return packed.getvalue()


ARCHIVE = archive_of(__init__="", __main__=PROGRAM)
DIGEST = hashlib.sha256(ARCHIVE).hexdigest()


@pytest.fixture(scope="module")
def s3() -> Iterator[GuardedS3]:
    with guarded_s3(ARCHIVE) as made:
        yield made


@contextmanager
def booting(environment: Mapping[str, str], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", SOURCE, *arguments]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let nothing wait; return what it would have waited for."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


@pytest.fixture
def environment(s3: GuardedS3, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Give this process what a container of the role has."""
    with s3.agent() as given:
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        yield monkeypatch


@pytest.mark.every_python
def test_it_becomes_the_streamer_of_the_archive_and_signals_reach_that(s3: GuardedS3, tmp_path: Path) -> None:
    with (
        s3.agent() as environment,
        booting({**environment, "TMPDIR": str(tmp_path)}, s3.address, DIGEST, "--host", "0.0.0.0") as process,
    ):
        assert process.stdout
        told = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 7
    assert Path(told["folder"]).parent == tmp_path
    assert told["options"] == ["--host", "0.0.0.0"]
    # The archive itself is not left beside what it held.
    assert [path.name for path in tmp_path.iterdir()] == [Path(told["folder"]).name]


def test_an_archive_that_was_changed_is_refused_with_a_sentence(s3: GuardedS3) -> None:
    other = hashlib.sha256(b"another archive").hexdigest()
    with s3.agent() as environment, booting(environment, s3.address, other) as process:
        told, complaint = process.communicate(timeout=60)
    assert (process.returncode, told) == (1, "")
    assert f"its SHA-256 is {DIGEST}, not {other}. Nothing of it was run." in complaint


def test_a_signature_of_other_keys_is_not_taken(
    s3: GuardedS3, pauses: list[float], environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with s3.agent(SecretAccessKey="of-somebody-else") as given:
        environment.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", given["AWS_CONTAINER_CREDENTIALS_FULL_URI"])
        with pytest.raises(SystemExit, match="Gave up after 6 attempts"):
            boot.fetch(s3.address, io.BytesIO())
    assert capsys.readouterr().err.count("127.0.0.1 answered 403") == 6
    assert pauses == [0, 1, 2, 4, 8, 16]


@pytest.mark.usefixtures("environment")
def test_what_comes_incomplete_or_not_at_all_is_fetched_again(s3: GuardedS3, pauses: list[float]) -> None:
    faults = itertools.chain(
        ["HTTP/1.1 503 Slow Down\nContent-Length: 0\n\n", "HTTP/1.1 200 OK\nContent-Length: 9\n\nhalf"],
        itertools.repeat("HTTP/1.1 200 OK\nContent-Length: 5\n\nwhole"),
    )

    def answer(connection: socket.socket) -> None:
        replies(next(faults))(connection)

    into = io.BytesIO()
    with listening(answer) as peer:
        digest = boot.fetch(f"{peer.url}/archives/streamer.zip", into)
    assert (into.getvalue(), digest) == (b"whole", hashlib.sha256(b"whole").hexdigest())
    assert pauses == [0, 1, 2]


@pytest.mark.usefixtures("environment", "pauses")
def test_a_redirect_is_not_followed_since_the_signature_would_go_with_it() -> None:
    with listening(replies("HTTP/1.1 307 Elsewhere\nContent-Length: 0\n\n")) as elsewhere:
        moved = f"HTTP/1.1 307 Elsewhere\nLocation: {elsewhere.url}/\nContent-Length: 0\n\n"
        with listening(replies(moved)) as peer, pytest.raises(SystemExit):
            boot.fetch(f"{peer.url}/archives/streamer.zip", io.BytesIO())
        assert elsewhere.requests == []


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("bound", ["MOST_BYTES", "MOST_UNPACKED_BYTES"])
def test_what_is_too_large_is_refused(
    s3: GuardedS3, bound: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(boot, bound, 100)
    monkeypatch.setattr(tempfile, "mkdtemp", lambda prefix: str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["-c", s3.address, DIGEST])
    with pytest.raises(SystemExit, match=r"more than 100 bytes\. Nothing of it was run\."):
        boot.main()
    assert list(tmp_path.iterdir()) == []


def test_the_agent_of_the_container_is_asked_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = '{"AccessKeyId": "AKIA"}'
    with listening(replies(f"HTTP/1.1 200 OK\nContent-Length: {len(keys)}\n\n{keys}")) as agent:
        assert urlsplit(boot.AGENT).netloc == "169.254.170.2"
        monkeypatch.setattr(boot, "AGENT", agent.url)
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/1")
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/")
        assert boot.credentials() == {"AccessKeyId": "AKIA"}
        assert agent.requests[0].startswith(b"GET /v2/credentials/1 ")


def test_it_needs_nothing_but_the_standard_library() -> None:
    imports = [node for node in ast.walk(ast.parse(SOURCE)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {
        node.module or "" if isinstance(node, ast.ImportFrom) else alias.name
        for node in imports
        for alias in node.names
    }
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names
