"""Schemathesis against the running API: every operation, every check, with requests of the document and against it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.operations import OPERATIONS, Operation
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
# requests. Examples and random requests are sent to them as well.
SAME_FIELDS = (
    *("replaceAgent", "editAgent", "testTrigger", "runAgent", "testAgent", "listAgentRuns"),
    *("updateTool", "updateCredential", "updateKnowledgeDocument", "listStreamingWorkflowSessions"),
    *("replaceCampaign", "editCampaign", "listCampaignRuns", "getRunNeighbours"),
    *("updateTelephonyConfiguration", "updatePhoneNumber"),
)
# A hundred fields, each wrong in every way: four requests of ten. `make fuzz` sends these, and `make test` some of them.
MANY_FIELDS = ("createAgent", "createTool", "createCampaign")
ENOUGH = f"""
[[operations]]
include-operation-id = {json.dumps(SAME_FIELDS + MANY_FIELDS)}
phases.coverage.enabled = false
"""
ROOT = Path(__file__).parents[2]


@pytest.mark.fuzz
@pytest.mark.timeout(1800)
def test_every_operation_keeps_to_its_document(install: Install, tenant: Tenant, tmp_path: Path) -> None:
    if settings().max_examples >= FUZZ_EXAMPLES:
        schemathesis(install, tenant, tmp_path, CONFIG, {}, "--max-examples=200")
        return
    # What a key opens tests/system/test_tenancy.py asks of every operation.
    options = ("--max-examples=3", "--exclude-checks=ignored_auth")
    ids = furnish(install, tenant).ids
    for operation in map(OPERATIONS.__getitem__, SAME_FIELDS + MANY_FIELDS):
        if operation.example_body:
            each_field_is_checked(install, tenant, operation, ids)
    schemathesis(install, tenant, tmp_path, CONFIG + ENOUGH, ids, *options)
    # They were reached: what the tenant's own tool was sent has changed it.
    tool = install.store.tools.get(tenant.organization_id, ids["tool_uuid"])
    assert tool.updated_at > tool.created_at


def each_field_is_checked(
    install: Install, tenant: Tenant, operation: Operation, ids: dict[str, str]
) -> None:
    """Send a body whose fields are all of a wrong type, and see each of them refused."""
    reply = operation.send(
        install, ids, tenant.headers, json={field: [[]] for field in operation.example_body}
    )
    assert reply.status_code == 422, (operation, reply.text)
    assert {fault["loc"][1] for fault in reply.json()["errors"]} == operation.example_body.keys(), operation


def schemathesis(
    install: Install, tenant: Tenant, folder: Path, config: str, things: dict[str, str], *options: str
) -> None:
    """Run Schemathesis against the install with a tenant's key; fail, with all that it says, if it found anything.

    `things` are ids by the names of path parameters: examples and random requests go to these, and what tells nothing new
    is not sent.
    """
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
            "--phases=examples,coverage,fuzzing",
            "--generation-deterministic",
            "--no-color",
            "--warnings=off",
            *options,
        ],
        cwd=folder,
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "tests.support.schemathesis_hooks",
            "PYTHONPATH": str(ROOT),
            "OFFHOOK_FUZZED_THINGS": json.dumps(things),
            # What is known of Unicode is kept there, and takes a second to find out.
            "HYPOTHESIS_STORAGE_DIRECTORY": str(ROOT / ".hypothesis"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
