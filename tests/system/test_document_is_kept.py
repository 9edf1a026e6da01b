"""Schemathesis against the running API: every operation, every check, with requests of the document and against it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.rest import Install, Tenant
from tests.support.tenancy import furnish

# Rules between the fields of a body, such as those of a workflow's graph, and an agent's revision are beyond a schema:
# what keeps to it may still be refused as 412 or 422. What breaks it may never be accepted.
CONFIG = """
[generation]
allow-x00 = false

[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", "412", "422", "429"]

[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422", "429"]
"""
FUZZ_EXAMPLES = 10_000
# They take what createAgent, runTrigger, listRuns, createTool and so on take, in fields of the same types: half of all
# requests. The other test sends to them as well.
SAME_FIELDS = (
    *("replaceAgent", "editAgent", "testTrigger", "runAgent", "testAgent", "listAgentRuns"),
    *("updateTool", "updateCredential", "updateKnowledgeDocument", "listStreamingWorkflowSessions"),
    *("replaceCampaign", "editCampaign", "listCampaignRuns", "getRunNeighbours"),
    *("updateTelephonyConfiguration", "updatePhoneNumber"),
)
# A hundred fields, each wrong in every way: four requests of ten. `make fuzz` sends these, the other test some of them.
MANY_FIELDS = ("createAgent", "createTool", "createCampaign")
ROOT = Path(__file__).parents[2]


def schemathesis(install: Install, tenant: Tenant, folder: Path, config: str, *options: str) -> None:
    """Run Schemathesis against the install with a tenant's key; fail, with all that it says, if it found anything."""
    folder.joinpath("schemathesis.toml").write_text(config)
    # Made once, which takes seconds: Schemathesis waits for ten.
    assert install.http.get("/openapi.json").status_code == 200
    done = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            "run",
            f"{install.http.base_url}/openapi.json",
            f"--header=X-API-Key: {tenant.api_key}",
            "--checks=all",
            "--generation-deterministic",
            "--no-color",
            "--warnings=off",
            *options,
        ],
        cwd=folder,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.support.schemathesis_hooks", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.fuzz
@pytest.mark.timeout(1800)
def test_every_operation_keeps_to_its_document(install: Install, tenant: Tenant, tmp_path: Path) -> None:
    # Examples and random requests are sent by the other test, to things that exist.
    phases = ["--phases=coverage", *(f"--exclude-operation-id={each}" for each in SAME_FIELDS + MANY_FIELDS)]
    if settings().max_examples >= FUZZ_EXAMPLES:
        phases = ["--max-examples=200", "--phases=examples,coverage,fuzzing"]
    schemathesis(install, tenant, tmp_path, CONFIG, *phases)


@pytest.mark.timeout(600)
def test_operations_on_things_that_exist_keep_to_the_document(
    install: Install, tenant: Tenant, tmp_path: Path
) -> None:
    ids = furnish(install, tenant).ids
    parameters = "".join(f'"path.{name}" = "{value}"\n' for name, value in ids.items())
    config = f"{CONFIG}\n[parameters]\n{parameters}"
    schemathesis(install, tenant, tmp_path, config, "--max-examples=3", "--phases=examples,fuzzing")
    # They were reached: what the tenant's own tool was sent has changed it.
    tool = install.store.tools.get(tenant.organization_id, ids["tool_uuid"])
    assert tool.updated_at > tool.created_at
