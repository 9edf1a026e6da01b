"""Two who push the same run at the same moment: nobody's phone rings for a run that is over, and no place is kept."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import cast

import pytest

from functions.dialer.services import make_services as make_dialer
from functions.runs.services import make_services as make_runs
from offhook.agents.editing import AgentEditor
from offhook.agents.model import Agent, AgentStatus
from offhook.agents.ports import AgentRepository
from offhook.clock import system_clock
from offhook.runs.carrier.hangup import CarrierCalls, HangUps
from offhook.runs.carrier.status import apply_carrier_status
from offhook.runs.model import Run, RunStatus
from tests.support.queues import messages_for
from tests.support.rest import Install, Tenant
from tests.support.triggers import BODY, post_trigger


@pytest.fixture
def queued(install: Install, tenant: Tenant) -> Iterator[Run]:
    reply = post_trigger(install, tenant, BODY, Prefer="respond-async")
    assert reply.status_code == 202, reply.text
    yield install.store.runs.get(tenant.organization_id, reply.json()["workflow_run_id"])
    messages_for(install.ports.dials, ())


def hang_ups(install: Install) -> HangUps:
    return make_runs(install.ports).hang_ups


def test_a_hang_up_that_still_saw_the_run_queued_ends_the_call_that_is_ringing_by_now(
    install: Install, queued: Run
) -> None:
    make_dialer(install.ports).calls.dial(queued.id, system_clock())
    ended = hang_ups(install).hang_up(queued, system_clock())
    assert ended.status is RunStatus.CANCELED
    assert [asked.method for asked in install.carrier.asked] == ["POST", "DELETE"]
    assert install.store.ledgers.get(queued.organization_id).live == frozenset()


def answer(install: Install, run: Run) -> None:
    """Begin the run's media stream, as a streamer does."""
    runs = install.store.runs
    owned = runs.take_over(run, "streamer-1", system_clock() + timedelta(seconds=15))
    runs.advance(owned, RunStatus.IN_PROGRESS)


def assert_it_goes_on(install: Install, run: Run) -> None:
    assert install.store.runs.get(run.organization_id, run.id).status is RunStatus.IN_PROGRESS
    assert install.store.ledgers.get(run.organization_id).live == {run.id}


def test_a_callee_who_answers_while_we_hang_up_is_left_to_the_streamer(install: Install, queued: Run) -> None:
    make_dialer(install.ports).calls.dial(queued.id, system_clock())
    ringing = install.store.runs.get(queued.organization_id, queued.id)
    calls = AnsweredMeanwhile(lambda: answer(install, ringing))
    racing = replace(hang_ups(install), calls=cast(CarrierCalls, calls))
    asked = racing.hang_up(ringing, system_clock())
    assert asked.status is RunStatus.IN_PROGRESS
    assert asked.hangup_requested_at is not None
    assert_it_goes_on(install, ringing)


@pytest.mark.parametrize("status", [RunStatus.BUSY, RunStatus.COMPLETED])
def test_a_late_report_does_not_end_a_call_that_has_begun_meanwhile(
    install: Install, queued: Run, status: RunStatus
) -> None:
    make_dialer(install.ports).calls.dial(queued.id, system_clock())
    ringing = install.store.runs.get(queued.organization_id, queued.id)
    answer(install, ringing)
    apply_carrier_status(install.ports.ender, ringing, status)
    assert_it_goes_on(install, ringing)


@dataclass
class AnsweredMeanwhile:
    """Calls that end at the carrier just after something else has happened."""

    happens: Callable[[], None]

    def hang_up(self, _: Run) -> None:
        self.happens()


@dataclass
class ArchivedMeanwhile:
    """Agents, of which one is archived just before it is looked at; meanwhile something else happens too."""

    editor: AgentEditor
    happens: Callable[[], None]

    def get(self, organization_id: str, agent_uuid: str) -> Agent:
        self.happens()
        return self.editor.set_status(organization_id, agent_uuid, AgentStatus.ARCHIVED)


def test_a_second_message_does_not_fail_the_run_that_the_first_has_dialled(
    install: Install, queued: Run
) -> None:
    calls = make_dialer(install.ports).calls
    agents = ArchivedMeanwhile(install.editor, lambda: calls.dial(queued.id, system_clock()))
    replace(calls, agents=cast(AgentRepository, agents)).dial(queued.id, system_clock())
    assert len(install.carrier.asked) == 1
    stored = install.store.runs.get(queued.organization_id, queued.id)
    assert (stored.status, stored.error) == (RunStatus.DIALING, None)
    assert install.store.ledgers.get(queued.organization_id).live == {queued.id}
