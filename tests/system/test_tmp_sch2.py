"""Schemathesis against the running API: every operation, every check, with requests of the document and against it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.rest import Install, Tenant
from tests.support.tenancy import furnish


@pytest.mark.timeout(600)
def test_every_operation_keeps_to_its_document(install: Install, tenant: Tenant, tmp_path: Path) -> None:
    furnish(install, tenant)
    done = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            "run",
            f"{install.http.base_url}/openapi.json",
            f"--header=X-API-Key: {tenant.api_key}",
            "--checks=all", "--include-path-regex=/agents",
            "--max-examples=10",
            "--phases=examples,coverage,fuzzing",
            "--generation-deterministic",
            "--no-color",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
