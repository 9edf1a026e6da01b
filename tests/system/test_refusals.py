"""Who says in a call that they want no more of them is on the do-not-call list, once the call is over."""

from typing import Any

import pytest

from offhook.donotcall.model import EntrySource
from offhook.errors import StorageError
from offhook.json_types import JsonObject
from offhook.runs.model import Direction, ReviewStatus, Run, RunStatus, RunTelephony
from tests.support.afterwards import DONE, ScriptedModels, aftercall, an_agent, ended_run, talk, webhook
from tests.support.backstage import CONTEXT, Backstage, message
from tests.support.callback_receiver import callback_receiver

THEIRS, OURS = "+14155550109", "+12025550100"
OUTBOUND = RunTelephony(called_number=THEIRS, caller_number=OURS)
DISPOSITIONS: JsonObject = {
    "dispositions": [{"code": "booked"}, {"code": "do_not_call", "description": "Wants no more calls."}]
}


def refused_run(stage: Backstage, *nodes: JsonObject, **changes: Any) -> Run:
    """Return a call that ended with the disposition, as the workflow gave it; the ledger has what follows."""
    wanted = {"as_": RunStatus.COMPLETED, "disposition": "do_not_call", "telephony": OUTBOUND, **changes}
    return ended_run(stage, an_agent(stage, *nodes), **wanted)


def follow(stage: Backstage, run: Run) -> None:
    assert aftercall(stage)(message(run.id), CONTEXT) == DONE


def owed(stage: Backstage) -> frozenset[int]:
    return stage.store.ledgers.get(stage.organization_id).owed


def test_who_was_called_is_listed_with_the_run_that_says_so(stage: Backstage) -> None:
    run = refused_run(stage)
    assert owed(stage) == {run.id}
    for _ in range(2):
        follow(stage, run)
    entry = stage.store.do_not_call.get(stage.organization_id, THEIRS)
    assert (entry.source, entry.run_id, entry.added_by) == (EntrySource.CALL, run.id, None)
    assert stage.stored(run).refusal_noted_at == stage.clock()
    assert owed(stage) == frozenset()
    assert not stage.store.do_not_call.has(stage.organization_id, OURS)


def test_who_called_is_listed_too(stage: Backstage) -> None:
    telephony = RunTelephony(called_number=OURS, caller_number=THEIRS)
    follow(stage, refused_run(stage, direction=Direction.INBOUND, telephony=telephony))
    assert stage.store.do_not_call.has(stage.organization_id, THEIRS)
    assert not stage.store.do_not_call.has(stage.organization_id, OURS)


@pytest.mark.parametrize(
    "changes",
    [
        {"disposition": "booked"},
        {"disposition": None},
        {"direction": Direction.WEB, "telephony": RunTelephony()},
    ],
)
def test_of_other_calls_nobody_is_listed_and_nothing_is_owed(
    stage: Backstage, changes: dict[str, Any]
) -> None:
    run = refused_run(stage, **changes)
    assert owed(stage) == frozenset()
    follow(stage, run)
    assert stage.store.do_not_call.list(stage.organization_id, limit=5, after=None) == ([], None)
    assert stage.stored(run).refusal_noted_at is None


def test_a_hidden_number_is_not_listed_and_asked_for_once(stage: Backstage) -> None:
    telephony = RunTelephony(called_number=OURS, caller_number="anonymous")
    run = refused_run(stage, direction=Direction.INBOUND, telephony=telephony)
    follow(stage, run)
    assert owed(stage) == frozenset()
    assert stage.store.do_not_call.list(stage.organization_id, limit=5, after=None) == ([], None)


def test_a_model_that_reviews_the_call_may_find_it_out(stage: Backstage) -> None:
    agent = an_agent(stage, settings=DISPOSITIONS)
    run = ended_run(stage, agent, as_=RunStatus.COMPLETED, disposition="user_hangup", telephony=OUTBOUND)
    talk(stage, run, "Hello.", "Take me off your list.")
    stage.ports.models = ScriptedModels([{"disposition": "do_not_call", "reason": "Asked for it."}])
    follow(stage, run)
    reviewed = stage.stored(run)
    assert reviewed.review is not None
    assert (reviewed.review.status, reviewed.disposition) == (ReviewStatus.DONE, "do_not_call")
    assert stage.store.do_not_call.get(stage.organization_id, THEIRS).run_id == run.id
    assert owed(stage) == frozenset()


def test_a_review_that_waits_does_not_hold_it_up(stage: Backstage) -> None:
    agent = an_agent(stage, settings=DISPOSITIONS)
    run = ended_run(stage, agent, as_=RunStatus.COMPLETED, disposition="do_not_call", telephony=OUTBOUND)
    talk(stage, run, "Hello.", "Take me off your list.", disposition="do_not_call")
    stage.ports.models = ScriptedModels(["I would rather not say."])
    follow(stage, run)
    assert stage.store.do_not_call.has(stage.organization_id, THEIRS)
    assert owed(stage) == {run.id}


def test_a_number_that_was_taken_off_the_list_meanwhile_stays_off(stage: Backstage) -> None:
    with callback_receiver(500) as receiver:
        run = refused_run(stage, webhook(f"{receiver.url}/hook"))
        follow(stage, run)
        stage.store.do_not_call.remove(stage.organization_id, THEIRS)
        stage.clock.move(minutes=5)
        follow(stage, run)
    assert not stage.store.do_not_call.has(stage.organization_id, THEIRS)


def test_a_store_that_fails_is_asked_again(stage: Backstage, monkeypatch: pytest.MonkeyPatch) -> None:
    run = refused_run(stage)
    with monkeypatch.context() as patch:

        def fail(*_: object) -> None:
            raise StorageError("The database is away.")

        patch.setattr(stage.store.do_not_call, "add", fail)
        failed = aftercall(stage)(message(run.id), CONTEXT)
    assert failed["batchItemFailures"] == [{"itemIdentifier": "m1"}]
    assert owed(stage) == {run.id}
    stage.clock.move(minutes=20, seconds=1)
    stage.reaper.tick()
    assert [sent for sent, _ in stage.aftercalls.sent] == [run.id]
    follow(stage, run)
    assert stage.store.do_not_call.has(stage.organization_id, THEIRS)
