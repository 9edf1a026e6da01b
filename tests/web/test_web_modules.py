"""The modules of `web/` that compute, by Node's own test runner: a browser is not needed for them, nor a package."""

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
# Comes with the CDK's libraries.
NODE = Path(sys.executable).with_name("node")


def test_the_modules_that_compute_pass_their_own_tests() -> None:
    files = sorted(map(str, HERE.glob("*.test.js")))
    done = subprocess.run(
        [NODE, "--test", "--test-isolation=none", *files],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"pass [1-9]", done.stdout)
