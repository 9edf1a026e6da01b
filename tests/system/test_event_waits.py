"""Waiting for a run's events over HTTP: until something comes, until the run is over, and not by too many at once."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from offhook.adapters.dynamodb.runs import waits
from offhook.clock import system_clock
from offhook.runs.model import Run, RunStatus
from tests.support.live_runs import add_run
from tests.support.makers import make_event
from tests.support.rest import Install, Tenant


def ask(install: Install, tenant: Tenant, run: Run, **params: int) -> httpx.Response:
    return install.http.get(f"/api/v1/runs/{run.id}/events", params=params, headers=tenant.headers)


@contextmanager
def asking(install: Install, tenant: Tenant, run: Run, **params: int) -> Iterator[Future[httpx.Response]]:
    """Ask in another thread, and go on once the server has looked into the log in vain."""
    looked = threading.Event()
    read = install.store.events.read

    def note(*args: Any, **kwargs: Any) -> Any:
        looked.set()
        return read(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(1) as pool:
        patch.setattr(install.store.events, "read", note)
        reply = pool.submit(ask, install, tenant, run, **params)
        assert looked.wait(10)
        yield reply


def test_what_comes_while_somebody_waits_is_answered_at_once(install: Install, tenant: Tenant) -> None:
    run = add_run(install, tenant, RunStatus.RINGING)
    install.store.events.append(run.id, [make_event(1), make_event(2)])
    with asking(install, tenant, run, after=2, wait=20) as reply:
        install.store.events.append(run.id, [make_event(3)])
        shown = reply.result(10).json()
    assert [event["seq"] for event in shown["items"]] == [3]
    assert (shown["next_after"], shown["status"]) == (3, "ringing")


def test_who_waits_for_a_run_that_ends_is_told_so(install: Install, tenant: Tenant) -> None:
    run = add_run(install, tenant, RunStatus.RINGING)
    with asking(install, tenant, run, wait=20) as reply:
        install.ports.ender.end(run, RunStatus.NO_ANSWER)
        shown = reply.result(10).json()
    assert shown == {"items": [], "next_after": 0, "status": "no_answer"}


def test_nobody_waits_for_what_is_there_or_can_t_come(install: Install, tenant: Tenant) -> None:
    run = add_run(install, tenant, RunStatus.RINGING)
    install.store.events.append(run.id, [make_event(1)])
    over = install.ports.ender.end(add_run(install, tenant, RunStatus.RINGING), RunStatus.BUSY)
    began_at = time.monotonic()
    assert ask(install, tenant, run, wait=20).json()["next_after"] == 1
    assert ask(install, tenant, over, wait=20).json()["status"] == "busy"
    assert time.monotonic() - began_at < 15


def test_a_wait_in_vain_ends_when_it_was_to(install: Install, tenant: Tenant) -> None:
    run = add_run(install, tenant, RunStatus.RINGING)
    assert ask(install, tenant, run, after=7, wait=1).json() == {
        "items": [],
        "next_after": 7,
        "status": "ringing",
    }


@pytest.mark.parametrize("wait", [-1, 21])
def test_a_wait_is_at_most_twenty_seconds(install: Install, tenant: Tenant, wait: int) -> None:
    run = add_run(install, tenant, RunStatus.RINGING)
    assert ask(install, tenant, run, wait=wait).status_code == 422


def test_an_organization_may_have_so_many_waits_and_others_still_theirs(
    install: Install, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waits, "MOST_WAITS", 1)
    monkeypatch.setattr(waits, "_TRIES", 1)
    run = add_run(install, tenant, RunStatus.RINGING)
    other = install.new_tenant(f"{tenant.organization_id}-2")
    others_run = add_run(install, other, RunStatus.RINGING)
    now = system_clock()
    held_until = now + timedelta(minutes=1)
    # By another process, which may be lost.
    assert install.store.waits.take(tenant.organization_id, now, held_until) == 0
    refused = ask(install, tenant, run, wait=20)
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-waits")
    assert int(refused.headers["Retry-After"]) >= 1
    assert ask(install, tenant, run).status_code == 200
    assert ask(install, other, others_run, wait=1).status_code == 200
    install.store.waits.leave(tenant.organization_id, 0, held_until)
    for _ in range(2):
        assert ask(install, tenant, run, wait=1).status_code == 200


def test_a_place_is_free_when_its_time_is_over_and_given_back_by_none_but_its_holder(
    install: Install, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waits, "MOST_WAITS", 1)
    monkeypatch.setattr(waits, "_TRIES", 1)
    places, us, now = install.store.waits, tenant.organization_id, system_clock()
    first, second = now + timedelta(seconds=1), now + timedelta(seconds=9)
    assert places.take(us, now, first) == 0
    assert places.take(us, now, second) is None
    assert places.take(us, first + timedelta(seconds=1), second) == 0
    places.leave(us, 0, first)
    assert places.take(us, first + timedelta(seconds=1), second) is None
    places.leave(us, 0, second)
    assert places.take(us, now, first) == 0
