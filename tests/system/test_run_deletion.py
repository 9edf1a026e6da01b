"""Deleting a run over HTTP: its row, its log, its audio and its texts go; that it was deleted stays."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from offhook.adapters.s3.media import S3Media
from offhook.clock import system_clock
from offhook.errors import NotFoundError, StorageError
from offhook.organizations.audit import AuditAction
from offhook.organizations.model import Scope
from offhook.runs.ending.deletion import RunRemover
from offhook.runs.ending.media import media_prefix, recording_key, segment_key, transcript_key
from offhook.runs.model import Delivery, Run, RunStatus
from tests.support.live_runs import add_run, stored
from tests.support.makers import NOON, make_events
from tests.support.rest import Install, Tenant


def add_finished_run(install: Install, tenant: Tenant, **changes: Any) -> Run:
    """Make a run that a streamer has finished, with everything that can be stored of one."""
    run = add_run(install, tenant, RunStatus.RINGING, **changes)
    owned = install.store.runs.take_over(run, "streamer-1", system_clock() + timedelta(seconds=15))
    assert owned.ownership is not None
    install.store.events.append(run.id, make_events(1, 3))
    keys = [segment_key(owned, 1, 0), recording_key(owned), transcript_key(owned)]
    for key in keys:
        install.ports.media.put(key, b"x", "audio/wav")
    finished = replace(
        owned,
        status=RunStatus.COMPLETED,
        ended_at=system_clock(),
        recording_key=keys[1],
        transcript_key=keys[2],
    )
    install.ports.ender.finish(finished, owned.ownership)
    return stored(install, run)


def delete(install: Install, tenant: Tenant, run: Run) -> int:
    return install.http.delete(f"/api/v1/runs/{run.id}", headers=tenant.headers).status_code


def kept(install: Install, run: Run) -> list[str]:
    return install.ports.media.keys(media_prefix(run))


def test_a_run_is_deleted_with_all_that_was_stored_of_it(install: Install, tenant: Tenant) -> None:
    run, neighbour = add_finished_run(install, tenant), add_finished_run(install, tenant)
    reply = install.http.delete(f"/api/v1/runs/{run.id}", headers=tenant.headers)
    assert (reply.status_code, reply.content) == (204, b"")
    assert kept(install, run) == []
    assert list(install.store.events.read(run.id)) == []
    with pytest.raises(NotFoundError):
        stored(install, run)
    page = install.http.get("/api/v1/runs", headers=tenant.headers).json()
    assert [item["id"] for item in page["items"]] == [neighbour.id]
    assert len(kept(install, neighbour)) == 3
    assert len(list(install.store.events.read(neighbour.id))) == 3
    assert delete(install, tenant, run) == 404


def test_who_deleted_it_is_told_afterwards(install: Install, tenant: Tenant) -> None:
    run = add_finished_run(install, tenant)
    delete(install, tenant, run)
    (entry,) = install.store.audit.newest(tenant.organization_id, limit=10)
    assert (entry.action, entry.subject, entry.key_id) == (
        AuditAction.RUN_DELETED,
        str(run.id),
        tenant.api_key_id,
    )


def test_a_live_run_is_409_and_stays(install: Install, tenant: Tenant) -> None:
    run = add_run(install, tenant, RunStatus.IN_PROGRESS)
    reply = install.http.delete(f"/api/v1/runs/{run.id}", headers=tenant.headers)
    assert (reply.status_code, reply.json()["code"]) == (409, "run-state")
    assert stored(install, run) == run
    assert install.store.audit.newest(tenant.organization_id, limit=10) == []


class Unwilling(S3Media):
    """A bucket that deletes nothing."""

    def delete(self, keys: Sequence[str]) -> None:
        raise StorageError("S3 did not answer in time.")


def test_a_deletion_that_broke_off_is_finished_by_the_next(install: Install, tenant: Tenant) -> None:
    run = add_finished_run(install, tenant)
    media = install.ports.media
    assert isinstance(media, S3Media)
    remover = RunRemover(
        runs=install.store.runs,
        ledgers=install.store.ledgers,
        log=install.store.events,
        media=Unwilling(media._bucket),
        audit=install.store.audit,
    )
    with pytest.raises(StorageError):
        remover.remove(run, AuditAction.RUN_DELETED, NOON)
    assert stored(install, run) == run
    assert delete(install, tenant, run) == 204
    assert kept(install, run) == []


def test_a_deleted_run_owes_nobody_a_callback(install: Install, tenant: Tenant) -> None:
    run = add_finished_run(install, tenant, callback=Delivery(url="https://example.com/hook"))
    assert install.store.ledgers.get(tenant.organization_id).owed == {run.id}
    delete(install, tenant, run)
    assert install.store.ledgers.get(tenant.organization_id).owed == frozenset()


def test_another_organizations_run_is_404_and_a_reading_key_403(install: Install, tenant: Tenant) -> None:
    other = install.new_tenant(f"{tenant.organization_id}-b")
    run = add_finished_run(install, other)
    assert delete(install, tenant, run) == 404
    headers = install.add_key(other, Scope.RUNS_READ)
    assert install.http.delete(f"/api/v1/runs/{run.id}", headers=headers).status_code == 403
    assert stored(install, run) == run
    assert len(kept(install, run)) == 3
