"""The carrier's words about a transfer, through the real route: their forms, their token, and a run that is over."""

from xml.etree import ElementTree as ET

import pytest

from offhook.clock import system_clock
from offhook.runs.model import Ownership, RunStatus, RunTransfer, TransferStatus
from offhook.runs.reaping.orphans import OrphanSettler
from tests.support.makers import make_run
from tests.support.rest import PUBLIC_BASE_URL, Install


def transferring(install: Install, organization_id: str) -> int:
    """Store a run with a transfer under way; return its id."""
    run = make_run(organization_id, status=RunStatus.IN_PROGRESS)
    install.store.runs.create(run)
    taken = install.store.runs.take_over(run, "one", system_clock())
    assert isinstance(taken.ownership, Ownership)
    started = RunTransfer(number=1, status=TransferStatus.STARTED)
    install.store.runs.begin_transfer(run.id, taken.ownership, started)
    return run.id


def test_results_come_as_objects_lists_and_forms(install: Install, organization_id: str) -> None:
    run_id = transferring(install, organization_id)
    path = install.ports.links.transfer_result_url("cloudonix", run_id, 1).removeprefix(PUBLIC_BASE_URL)
    told = [
        install.http.post(path, json={"status": "ringing"}),
        install.http.post(path, json=[{"status": "answered", "token": "x"}]),
        install.http.post(path, data={"StatusCallbackEvent": "participant-join"}),
        install.http.post(path, json={"StatusCallbackEvent": "participant-join"}),
        install.http.post(path, json={"StatusCallbackEvent": "participant-leave"}),
        install.http.post(path, data={"CallStatus": "nocredit"}),
    ]
    assert [reply.json()["status"] for reply in told] == [
        "pending",
        "success",
        "success",
        "ignored",
        "pending",
        "success",
    ]
    stored = install.store.runs.get(organization_id, run_id).transfer
    assert stored == RunTransfer(number=1, status=TransferStatus.FAILED, reason="failed")


def test_a_result_needs_the_token_of_its_transfer(install: Install, organization_id: str) -> None:
    run_id = transferring(install, organization_id)
    path = install.ports.links.transfer_result_url("cloudonix", run_id, 1).removeprefix(PUBLIC_BASE_URL)
    status = install.ports.links.status_callback_url("cloudonix", run_id).rpartition("/")[2]
    for bad in (path[:-1], path.replace("-1.", "-2."), path.rpartition("/")[0] + "/" + status):
        assert install.http.post(bad, json={"status": "busy"}).status_code == 401
    assert install.http.post(path, content=b"{").status_code == 422
    stored = install.store.runs.get(organization_id, run_id).transfer
    assert stored is not None
    assert stored.status is TransferStatus.STARTED
    gone = install.ports.links.transfer_result_url("cloudonix", run_id + 1, 1).removeprefix(PUBLIC_BASE_URL)
    assert install.http.post(gone, json={"status": "busy"}).status_code == 404
    hung_up = install.http.post(gone, data={"DialCallStatus": "busy"})
    assert [element.tag for element in ET.fromstring(hung_up.text)] == ["Hangup"]


def test_a_dial_that_ends_after_the_run_is_hung_up(install: Install, organization_id: str) -> None:
    run_id = transferring(install, organization_id)
    run = install.store.runs.get(organization_id, run_id)
    install.store.runs.advance(run, RunStatus.COMPLETED)
    path = install.ports.links.transfer_result_url("cloudonix", run_id, 1).removeprefix(PUBLIC_BASE_URL)
    for word in ("busy", "completed"):
        reply = install.http.post(path, data={"DialCallStatus": word})
        assert reply.headers["content-type"].startswith("application/xml")
        assert [element.tag for element in ET.fromstring(reply.text)] == ["Hangup"]


@pytest.mark.parametrize(
    ("word", "status", "end_reason"),
    [("completed", RunStatus.COMPLETED, "transferred"), ("busy", RunStatus.FAILED, "system_error")],
)
def test_a_call_whose_process_was_lost_after_it_was_put_through_is_transferred(
    install: Install, organization_id: str, word: str, status: RunStatus, end_reason: str
) -> None:
    run_id = transferring(install, organization_id)
    path = install.ports.links.transfer_result_url("cloudonix", run_id, 1).removeprefix(PUBLIC_BASE_URL)
    install.http.post(path, data={"DialCallStatus": word})
    store = install.store
    settler = OrphanSettler(settler=install.ports.settler)
    settler.settle(store.runs.get(organization_id, run_id))
    run = store.runs.get(organization_id, run_id)
    assert (run.status, run.end_reason) == (status, end_reason)
    assert (run.error is None) == (word == "completed")
