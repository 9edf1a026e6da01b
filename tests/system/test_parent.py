"""A child whose parent is gone ends, whether it wants to or not, and one that prints much goes on."""

import asyncio
import subprocess
import sys

import pytest

from local.processes.children import child
from tests.support.processes import descendants, is_alive, wait_for

pytestmark = pytest.mark.every_python

_CHILD = """
import signal, sys
from local.processes.parent import live_with_parent
{before}
live_with_parent(end_limit_s=0.2)
print("ready", flush=True)
while True:
    signal.pause()
"""
_WILLING = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))"
_DEAF = "signal.signal(signal.SIGTERM, lambda *_: print('not now', flush=True))"


@pytest.mark.parametrize(("before", "status"), [(_WILLING, 0), (_DEAF, 1)], ids=["willing", "deaf"])
def test_a_child_ends_when_its_standard_input_closes(before: str, status: int) -> None:
    command = [sys.executable, "-c", _CHILD.format(before=before)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        assert child.stdout.readline() == b"ready\n"
        child.stdin.close()
        assert child.wait(10) == status


def test_a_parent_that_is_killed_takes_its_children_along() -> None:
    command = [sys.executable, "-m", "local.aws.server"]
    parent = f"""
import subprocess
child = subprocess.Popen({command!r}, stdin=subprocess.PIPE)
child.wait()
"""
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert b"url" in process.stdout.readline()
        family = descendants(process.pid)
        process.kill()
        assert len(family) == 1
        wait_for(lambda: not any(map(is_alive, family)), 10)


async def test_a_child_may_print_as_much_as_it_likes(capfd: pytest.CaptureFixture[str]) -> None:
    async with child("tests.support.talkative") as talkative, asyncio.timeout(10):
        assert await talkative.process.wait() == 0
    assert "x" * 79 in capfd.readouterr().err
