"""The dialer takes queued runs to their dial: once, when pace and limits allow, and never late."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.dialer.app import create_handler
from functions.dialer.services import DialerServices
from functions.dialer.services import make_services as make_dialer
from functions.trigger.services import make_services as make_trigger
from offhook.adapters import cloudonix
from offhook.agents.model import AgentStatus
from offhook.clock import Clock, system_clock
from offhook.errors import StorageError
from offhook.organizations.limits import Limits
from offhook.runs.model import Run, RunStatus
from offhook.runs.placing.queued import QueuedCalls
from offhook.telephony.pace import PaceName, RequestKind
from tests.support.carrier import Answer, Silence
from tests.support.cloudonix import make_account
from tests.support.makers import make_entry
from tests.support.queues import messages_for
from tests.support.rest import BEARER_TOKEN, Install, Tenant
from tests.support.triggers import BODY, CALLEE, place, post_trigger

PLACES_FOR_DIALS = cloudonix.pace.places(RequestKind.DIAL)
CALLBACK_URL = "http://127.0.0.1:9/resume/3f1c?token=of-the-receiver"


@dataclass
class Sent:
    """A queue that remembers what it was sent, with the delays."""

    messages: list[tuple[int, int]] = field(default_factory=list)

    def send(self, run_id: int, *, delay_seconds: int = 0) -> None:
        self.messages.append((run_id, delay_seconds))


@dataclass
class Meanwhile:
    """A pace that is always good, and at which something else happens."""

    happens: Callable[[], object]

    def wait_seconds(self, name: PaceName, now: datetime, kind: RequestKind = RequestKind.DIAL) -> int:
        self.happens()
        return 0

    def give_back(self, name: PaceName, now: datetime) -> None:
        """Nobody has taken anything."""

    def note(self, name: PaceName, now: datetime) -> None:
        """Nothing happens here: the dialer takes places."""


@dataclass(frozen=True)
class Dialer:
    """The function over the test's install, with a clock and a queue of its own."""

    install: Install
    tenant: Tenant
    sent: Sent
    calls: QueuedCalls
    clock: Clock = system_clock

    def handle(self, *bodies: str) -> list[str]:
        """Hand over messages with these bodies, numbered from 0; return which failed."""
        records = [{"messageId": str(n), "body": body} for n, body in enumerate(bodies)]
        answer = create_handler(DialerServices(calls=self.calls, clock=self.clock))(
            {"Records": records}, None
        )
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def dial(self, run: Run) -> Run:
        """Hand over the run's message and return the run as it is then."""
        assert self.handle(json.dumps({"run_id": run.id})) == []
        return self.stored(run)

    def stored(self, run: Run) -> Run:
        return self.install.store.runs.get(run.organization_id, run.id)

    def queue(self, body: Any = BODY, *, path: str | None = None) -> Run:
        """Order a call that is to wait for its dial."""
        reply = post_trigger(self.install, self.tenant, body, path=path, Prefer="respond-async")
        assert reply.status_code == 202, reply.text
        return self.install.store.runs.get(self.tenant.organization_id, reply.json()["workflow_run_id"])

    def limit(self, **limits: Any) -> None:
        self.install.store.organizations.set_limits(self.tenant.organization_id, Limits(**limits))

    @property
    def live(self) -> set[int]:
        return set(self.install.store.ledgers.get(self.tenant.organization_id).live)

    @property
    def queued(self) -> set[int]:
        return set(self.install.store.ledgers.get(self.tenant.organization_id).queued)


@pytest.fixture
def dialer(install: Install, tenant: Tenant) -> Iterator[Dialer]:
    sent = Sent()
    calls = replace(make_dialer(install.ports).calls, dials=sent)
    yield Dialer(install=install, tenant=tenant, sent=sent, calls=calls)
    messages_for(install.ports.dials, ())


def test_a_queued_run_is_dialled(install: Install, dialer: Dialer) -> None:
    run = dialer.dial(dialer.queue())
    (asked,) = install.carrier.asked
    assert (run.status, run.telephony.call_id) == (RunStatus.DIALING, "sess-0f3b")
    assert run.started_at is not None
    assert asked.authorization == f"Bearer {BEARER_TOKEN}"
    assert (asked.body["destination"], asked.body["caller-id"]) == (CALLEE, dialer.tenant.caller_number)
    assert f"{run.id}-1" in asked.body["cxml"]
    assert (dialer.live, dialer.queued, dialer.sent.messages) == ({run.id}, set(), [])


def test_a_message_that_comes_twice_dials_once(install: Install, dialer: Dialer) -> None:
    run = dialer.queue()
    for _ in range(2):
        dialer.dial(run)
    assert len(install.carrier.asked) == 1
    assert dialer.live == {run.id}


def test_messages_for_one_run_at_the_same_time_dial_once(install: Install, dialer: Dialer) -> None:
    run = dialer.queue()
    with ThreadPoolExecutor(max_workers=8) as pool:
        dialled = list(pool.map(lambda _: dialer.dial(run), range(8)))
    assert {each.status for each in dialled} == {RunStatus.DIALING}
    assert len(install.carrier.asked) == 1
    assert dialer.live == {run.id}


def test_a_run_waits_until_a_place_is_free(install: Install, dialer: Dialer) -> None:
    dialer.limit(max_concurrent_calls=1)
    first, second = dialer.queue(), dialer.queue()
    dialer.dial(first)
    assert dialer.dial(second).status is RunStatus.QUEUED
    ((run_id, delay_seconds),) = dialer.sent.messages
    assert (run_id, 5 <= delay_seconds <= 9) == (second.id, True)
    assert (dialer.live, dialer.queued) == ({first.id}, {second.id})
    install.ports.ender.end(dialer.stored(first), RunStatus.NO_ANSWER)
    assert dialer.dial(second).status is RunStatus.DIALING
    assert len(install.carrier.asked) == 2


def test_a_run_waits_for_its_agents_place(dialer: Dialer) -> None:
    narrow = dialer.install.add_agent(
        dialer.tenant.organization_id, f"n-{dialer.tenant.trigger_path}", settings={"max_concurrent_calls": 1}
    )
    first, second = (dialer.queue(path=f"test/workflow/{narrow}") for _ in range(2))
    assert dialer.dial(first).status is RunStatus.DIALING
    assert dialer.dial(second).status is RunStatus.QUEUED


def test_a_run_waits_for_a_place_that_its_agents_deployment_leaves(dialer: Dialer) -> None:
    path = f"/api/v1/streaming-workflows/{dialer.tenant.agent_uuid}/deploy"
    cap = {"max_concurrent_sessions": 1}
    assert dialer.install.http.post(path, json=cap, headers=dialer.tenant.headers).status_code == 201
    first, second = dialer.queue(), dialer.queue()
    assert dialer.dial(first).status is RunStatus.DIALING
    assert dialer.dial(second).status is RunStatus.QUEUED


def test_the_rate_of_a_key_is_counted_once(dialer: Dialer) -> None:
    dialer.limit(calls_per_minute_per_key=1)
    run = dialer.queue()
    assert dialer.dial(run).status is RunStatus.DIALING


def test_a_run_waits_for_the_carriers_pace(install: Install, dialer: Dialer) -> None:
    run, now = dialer.queue(), system_clock()
    account = make_account(dialer.tenant.cloudonix_domain, BEARER_TOKEN)
    while install.store.pace.wait_seconds(account.pace_name, now) == 0:
        pass
    assert replace(dialer, clock=lambda: now).dial(run).status is RunStatus.QUEUED
    ((run_id, delay_seconds),) = dialer.sent.messages
    assert (run_id, 1 <= delay_seconds <= 14) == (run.id, True)
    assert (install.carrier.asked, dialer.live, dialer.queued) == ([], set(), {run.id})
    later = replace(dialer, clock=lambda: now + timedelta(seconds=delay_seconds))
    assert later.dial(run).status is RunStatus.DIALING


def test_calls_that_are_placed_at_once_count_for_the_pace(install: Install, dialer: Dialer) -> None:
    run, now = dialer.queue(), system_clock()
    for _ in range(PLACES_FOR_DIALS):
        place(install, dialer.tenant, make_trigger(install.ports).placer, now=now)
    assert replace(dialer, clock=lambda: now).dial(run).status is RunStatus.QUEUED
    assert len(install.carrier.asked) == PLACES_FOR_DIALS


def test_who_only_names_a_domain_does_not_slow_its_owner_down(install: Install, dialer: Dialer) -> None:
    thief = install.new_tenant(f"{dialer.tenant.organization_id}-b")
    changes = {"domain_id": dialer.tenant.cloudonix_domain, "bearer_token": "XI-that-is-not-of-this-domain"}
    path = f"/api/v1/telephony-configurations/{thief.configuration_id}"
    assert install.http.put(path, json={"credentials": changes}, headers=thief.headers).status_code == 200
    install.store.organizations.set_limits(thief.organization_id, Limits(allowed_destinations=("+1",)))
    install.carrier.answer = Answer(status=401)
    for _ in range(PLACES_FOR_DIALS):
        assert post_trigger(install, thief).status_code == 400
    install.carrier.reset()
    assert dialer.dial(dialer.queue()).status is RunStatus.DIALING


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"minutes_per_month": 0}, "quota-exceeded"),
        ({"spend_per_day_usd": 0}, "spend-limit"),
        ({"allowed_destinations": ("+44",)}, "destination-not-allowed"),
    ],
)
def test_what_is_not_allowed_any_more_fails_and_is_told(
    install: Install, dialer: Dialer, limits: dict[str, Any], code: str
) -> None:
    run = dialer.queue({**BODY, "callback_url": CALLBACK_URL})
    dialer.limit(**limits)
    failed = dialer.dial(run)
    assert failed.error is not None
    assert (failed.status, failed.error.code) == (RunStatus.FAILED, code)
    assert install.carrier.asked == []
    assert (dialer.live, dialer.queued) == (set(), set())
    assert install.store.ledgers.get(run.organization_id).owed == {run.id}


def test_a_number_that_comes_onto_the_list_while_its_call_waits_is_not_dialled(
    install: Install, dialer: Dialer
) -> None:
    run = dialer.queue()
    install.store.do_not_call.add(make_entry(run.organization_id, CALLEE))
    failed = dialer.dial(run)
    assert failed.error is not None
    assert (failed.status, failed.error.code) == (RunStatus.FAILED, "do-not-call")
    assert (install.carrier.asked, dialer.live, dialer.queued) == ([], set(), set())


@pytest.mark.parametrize(
    ("answer", "code"), [(400, "carrier-refused"), (429, "carrier-busy"), (502, "carrier-failed")]
)
def test_a_dial_that_the_carrier_does_not_take_fails_the_run(
    install: Install, dialer: Dialer, answer: int, code: str
) -> None:
    install.carrier.answer = Answer(status=answer)
    failed = dialer.dial(dialer.queue())
    assert failed.error is not None
    assert (failed.status, failed.error.code, failed.disposition) == (RunStatus.FAILED, code, "failed")
    assert (len(install.carrier.asked), dialer.live, dialer.sent.messages) == (1, set(), [])


def test_an_unanswered_dial_stays_dialing_and_is_not_repeated(install: Install, dialer: Dialer) -> None:
    install.carrier.answer = Silence.UNANSWERED
    run = dialer.dial(dialer.queue())
    assert dialer.dial(run).status is RunStatus.DIALING
    assert (len(install.carrier.asked), dialer.live) == (1, {run.id})


def test_a_run_that_waited_for_an_hour_is_not_dialled_any_more(install: Install, dialer: Dialer) -> None:
    late = replace(dialer, clock=lambda: system_clock() + timedelta(hours=1, seconds=1))
    failed = late.dial(dialer.queue())
    assert failed.error is not None
    assert (failed.status, failed.error.code) == (RunStatus.FAILED, "queue-timeout")
    assert (install.carrier.asked, dialer.queued) == ([], set())


def test_a_run_whose_configuration_is_gone_fails(install: Install, dialer: Dialer) -> None:
    run = dialer.queue()
    telephony = install.store.telephony
    telephony.remove(telephony.get(run.organization_id, dialer.tenant.configuration_id))
    failed = dialer.dial(run)
    assert failed.error is not None
    assert (failed.status, failed.error.code) == (RunStatus.FAILED, "telephony-not-configured")


def test_a_run_whose_agent_was_archived_fails(install: Install, dialer: Dialer) -> None:
    run = dialer.queue()
    install.editor.set_status(run.organization_id, run.agent_uuid, AgentStatus.ARCHIVED)
    failed = dialer.dial(run)
    assert failed.error is not None
    assert (failed.status, failed.error.code) == (RunStatus.FAILED, "agent-archived")
    assert (install.carrier.asked, dialer.queued) == ([], set())


def test_a_run_whose_number_was_removed_fails(install: Install, dialer: Dialer) -> None:
    run = dialer.queue()
    configuration = f"/api/v1/telephony-configurations/{dialer.tenant.configuration_id}"
    path = f"{configuration}/phone-numbers/{dialer.tenant.number_id}"
    removed = install.http.delete(path, headers=dialer.tenant.headers)
    assert removed.status_code == 204, removed.text
    failed = dialer.dial(run)
    assert failed.error is not None
    assert (failed.status, failed.error.code) == (RunStatus.FAILED, "telephony-not-configured")
    assert (install.carrier.asked, dialer.queued) == ([], set())


def test_a_run_whose_key_was_archived_fails(install: Install, dialer: Dialer) -> None:
    run = dialer.queue()
    path = f"/api/v1/user/api-keys/{dialer.tenant.api_key_id}"
    archived = install.http.delete(path, headers=dialer.tenant.headers)
    assert archived.status_code == 200, archived.text
    failed = dialer.dial(run)
    assert failed.error is not None
    assert (failed.status, failed.error.code) == (RunStatus.FAILED, "api-key-not-usable")
    assert (install.carrier.asked, dialer.queued) == ([], set())


def test_a_run_that_was_canceled_while_it_waited_is_left_alone(install: Install, dialer: Dialer) -> None:
    run = dialer.queue()
    install.ports.ender.end(run, RunStatus.CANCELED)
    assert dialer.dial(run).status is RunStatus.CANCELED
    assert install.carrier.asked == []


def test_a_run_that_is_canceled_at_that_moment_holds_no_place(install: Install, dialer: Dialer) -> None:
    run = dialer.queue()
    pace = Meanwhile(lambda: install.ports.ender.end(run, RunStatus.CANCELED))
    racing = replace(dialer, calls=replace(dialer.calls, pace=pace))
    assert racing.dial(run).status is RunStatus.CANCELED
    assert (install.carrier.asked, dialer.live, dialer.queued) == ([], set(), set())


def test_a_message_that_fails_comes_again_and_holds_up_no_other(install: Install, dialer: Dialer) -> None:
    first, second = dialer.queue(), dialer.queue()
    failures = iter([True, False])

    def fail_first() -> None:
        if next(failures):
            raise StorageError("The database did not answer.")

    shaky = replace(dialer, calls=replace(dialer.calls, pace=Meanwhile(fail_first)))
    bodies = [json.dumps({"run_id": run.id}) for run in (first, second)]
    assert shaky.handle("no JSON", *bodies, '{"run_id": "1"}', "{}") == ["0", "1", "3", "4"]
    assert dialer.stored(first).status is RunStatus.QUEUED
    assert dialer.stored(second).status is RunStatus.DIALING
    assert dialer.dial(first).status is RunStatus.DIALING


def test_a_message_of_an_unknown_run_is_done_with(dialer: Dialer) -> None:
    assert dialer.handle('{"run_id": 12345}') == []


def test_the_log_names_runs_and_nothing_of_a_tenant(
    install: Install, dialer: Dialer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="offhook")
    install.carrier.answer = Answer(status=400, body={"message": f"no route to {CALLEE}"})
    run = dialer.dial(dialer.queue({**BODY, "callback_url": CALLBACK_URL}))
    ours = [record for record in caplog.records if record.name.startswith("offhook")]
    assert run.id in [record.__dict__.get("run_id") for record in ours]
    text = "".join(str(record.__dict__) for record in ours)
    for secret in (CALLEE, BEARER_TOKEN, CALLBACK_URL, "Jane"):
        assert secret not in text
