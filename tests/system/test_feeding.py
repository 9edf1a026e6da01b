"""Campaigns call each contact as often as their outcomes ask for, and nobody twice."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from functions.feeder.services import make_services
from offhook.callinghours import CallingWindow, Weekday, local_day
from offhook.campaigns.model import CampaignStatus, ContactStatus, Counts, RetryRule, RetryRules
from offhook.campaigns.ports import CampaignWork
from offhook.donotcall.model import Entry, EntrySource
from offhook.runs.model import DeliveryStatus, Review, ReviewStatus, Run, RunStatus
from tests.support.callback_receiver import callback_receiver
from tests.support.campaigning import CampaignStage, MakeCampaign
from tests.support.contacts import import_contacts
from tests.support.dynamodb_requests import requests
from tests.support.rest import Install


def completed(_: Run) -> RunStatus:
    return RunStatus.COMPLETED


def test_each_contact_is_called_once_and_the_campaign_is_over(start: MakeCampaign) -> None:
    stage = start(contacts=3, max_concurrent_calls=2)
    stage.go_on(completed)
    assert stage.stored.status is CampaignStatus.COMPLETED
    assert stage.attempts() == {each.number: ["completed"] for each in stage.contacts}
    counts = stage.store.attempts.counts(stage.campaign.id)
    assert counts == Counts(contacts=3, started=3, attempts=3, done={"completed": 3})
    assert [run.campaign and run.campaign.is_settled for run in stage.runs] == [True] * 3
    ledger = stage.store.ledgers.get(stage.campaign.organization_id)
    assert not ledger.live | ledger.queued | ledger.owed


def test_a_removed_campaign_is_woken_until_nothing_is_left_of_it(start: MakeCampaign) -> None:
    stage = start(contacts=3)
    stage.go_on(completed)
    organization_id, id_ = stage.campaign.organization_id, stage.campaign.id
    stage.ports.campaign_remover.remove(organization_id, id_, key_id="k")
    stage.queue.sent.clear()
    # That message was lost; the wake's own may be lost too.
    stage.feed()
    assert [work for work, _ in stage.queue.sent] == [CampaignWork.REMOVE]
    assert woken(stage) == [id_]
    makes = make_services(stage.ports).works
    makes[CampaignWork.REMOVE](organization_id, id_, 0, stage.clock())
    assert stage.store.attempts.get(id_, stage.contacts[0].number) is None
    assert woken(stage) == [id_]
    makes[CampaignWork.REMOVE](organization_id, id_, 0, stage.clock())
    assert (woken(stage), stage.store.campaigns.is_removed(id_)) == ([], False)
    assert len(stage.runs) == 3


def woken(stage: CampaignStage) -> list[str]:
    """Return the campaign's id where its wake is set."""
    due = stage.store.wakes.due(stage.clock() + timedelta(days=400), limit=1_000)
    return [wake.id for wake in due if wake.id == stage.campaign.id]


def test_busy_contacts_are_called_again_as_often_as_the_rule_says(start: MakeCampaign) -> None:
    rules = RetryRules(busy=RetryRule(times=2, after_minutes=3))
    stage = start(contacts=2, retries=rules)
    second = stage.contacts[1].number
    stage.go_on(lambda run: RunStatus.BUSY if run.telephony.called_number == second else RunStatus.COMPLETED)
    assert stage.attempts() == {stage.contacts[0].number: ["completed"], second: ["busy"] * 3}
    counts = stage.store.attempts.counts(stage.campaign.id)
    assert counts == Counts(contacts=2, started=2, attempts=4, done={"busy": 1, "completed": 1})
    assert [
        run.campaign.number for run in stage.runs if run.campaign and run.telephony.called_number == second
    ] == [1, 2, 3]


def test_of_a_paused_campaign_nobody_is_dialled_and_nobody_is_forgotten(
    install: Install, start: MakeCampaign
) -> None:
    stage = start(contacts=3, max_concurrent_calls=2)
    stage.feed()
    stage.change(status=CampaignStatus.PAUSED)
    stage.dial()
    stage.follow()
    assert install.carrier.asked == []
    assert [(run.status, run.error and run.error.code) for run in stage.runs] == [
        (RunStatus.CANCELED, "campaign-paused")
    ] * 2
    assert stage.counts == Counts(contacts=3, started=2, waiting=2)
    stage.change(status=CampaignStatus.RUNNING)
    stage.clock.move(minutes=2)
    stage.go_on(completed)
    assert stage.attempts() == {each.number: ["completed"] for each in stage.contacts}


def test_of_a_canceled_campaign_what_was_queued_is_not_dialled(install: Install, start: MakeCampaign) -> None:
    stage = start(contacts=3, max_concurrent_calls=2)
    stage.feed()
    stage.change(status=CampaignStatus.CANCELED)
    stage.turn(completed)
    assert install.carrier.asked == []
    assert stage.counts == Counts(contacts=3, started=2, done={"canceled": 2})


def test_a_number_that_is_put_on_the_list_while_its_call_waits_is_not_dialled(
    install: Install, start: MakeCampaign
) -> None:
    stage = start(contacts=2, max_concurrent_calls=2)
    stage.feed()
    stage.store.do_not_call.add(
        Entry(
            organization_id=stage.campaign.organization_id,
            number=stage.contacts[0].number,
            source=EntrySource.API,
            added_at=stage.clock(),
        )
    )
    stage.go_on(completed)
    assert stage.attempts() == {stage.contacts[1].number: ["completed"]}
    assert stage.counts == Counts(contacts=2, started=2, attempts=1, done={"completed": 1, "do_not_call": 1})


def test_a_number_is_called_once_whatever_imports_say(start: MakeCampaign) -> None:
    stage = start(contacts=3)
    stage.turn(completed)
    import_contacts(stage.store, stage.campaign, 4, key="more.csv")
    stage.go_on(completed)
    assert len(stage.runs) == 4
    assert stage.counts == Counts(contacts=7, started=4, duplicates=3, attempts=4, done={"completed": 4})


def test_a_number_is_not_called_more_often_in_a_day_than_it_may_be(start: MakeCampaign) -> None:
    stage = start(contacts=1, retries=RetryRules(busy=RetryRule(times=9, after_minutes=1)))
    stage.limit(calls_per_number_per_day=2)
    # All of it is one day in Berlin, at whatever hour the test runs.
    stage.clock.now = stage.clock().replace(hour=9)
    for _ in range(6):
        stage.turn(lambda _: RunStatus.BUSY)
        stage.clock.move(minutes=2)
    assert stage.attempts() == {stage.contacts[0].number: ["busy", "busy"]}
    (state,) = stage.store.attempts.get_many(stage.campaign.id, [stage.contacts[0].number])
    assert (state.status, len(state.run_ids)) == (ContactStatus.WAITING, 2)
    assert state.due_at is not None
    assert local_day("Europe/Berlin", state.due_at) > local_day("Europe/Berlin", stage.clock())


def test_an_archived_key_pauses_the_campaign_and_says_so(install: Install, start: MakeCampaign) -> None:
    stage = start(contacts=1)
    key = stage.store.organizations.get_key(stage.campaign.organization_id, stage.tenant.api_key_id)
    stage.store.organizations.set_archived(key, stage.clock())
    stage.turn(completed)
    assert (stage.stored.status, stage.stored.paused_reason) == (CampaignStatus.PAUSED, "api-key-not-usable")
    assert (stage.runs, install.carrier.asked) == ([], [])


def test_caller_numbers_take_turns(install: Install, start: MakeCampaign) -> None:
    tenant = start(contacts=1).tenant
    second = install.add_number(tenant.organization_id, tenant.configuration_id, "+12025550101")
    stage = start(contacts=4, from_phone_number_ids=(tenant.number_id, second.id))
    stage.turn(completed)
    used = Counter(run.telephony.caller_number for run in stage.runs)
    assert used == {tenant.caller_number: 2, second.address: 2}


def test_a_callback_is_told_of_each_run_and_once_of_the_end(start: MakeCampaign) -> None:
    with callback_receiver(500, 200) as receiver:
        stage = start(contacts=1, callback_url=receiver.url)
        for _ in range(6):
            stage.turn(completed)
            stage.clock.move(minutes=1)
        received = [receiver.next_delivery() for _ in range(3)]
    assert receiver.deliveries.empty()
    (run,) = stage.runs
    ends = [each.document for each in received if each.headers.get("x-offhook-campaign") == stage.campaign.id]
    assert [each["event"] for each in ends][-1] == "campaign.completed"
    assert ends[-1]["done"] == {"completed": 1}
    assert str(run.id) in {each.headers.get("x-offhook-run") for each in received}
    assert stage.stored.notice is not None
    assert stage.stored.notice.status is DeliveryStatus.DELIVERED


def test_a_campaign_is_over_once_its_last_call_is_judged(start: MakeCampaign) -> None:
    stage = start(contacts=1)
    stage.feed()
    stage.dial()
    stage.end(completed)
    (run,) = stage.runs
    # The first attempt at it has failed.
    unjudged = replace(run, review=Review(attempts=1, last_attempt_at=stage.clock()))
    stage.store.runs.note_review(run, unjudged)
    message = stage.aftercalls.sent[0]
    stage.follow()
    stage.feed()
    assert (stage.stored.status, stage.counts.done) == (CampaignStatus.RUNNING, {"completed": 1})
    stage.clock.move(minutes=3)
    stage.aftercalls.sent.append(message)
    stage.queue.sent.clear()
    stage.follow()
    # Nobody has to wait for the tick.
    assert (CampaignWork.FEED, 0) in stage.queue.sent
    stage.feed()
    assert stage.stored.status is CampaignStatus.COMPLETED


def test_feeding_and_settling_cost_so_many_requests_for_a_contact(start: MakeCampaign) -> None:
    stage = start(contacts=3, max_concurrent_calls=1)
    stage.turn(completed)
    with requests(stage.store) as sent:
        stage.feed()
    assert len(sent) <= 16
    stage.dial()
    stage.end(completed)
    with requests(stage.store) as sent:
        stage.follow()
    assert len(sent) <= 7


def test_nobody_is_called_outside_their_hours_however_long_the_call_has_waited(
    install: Install, start: MakeCampaign
) -> None:
    morning = CallingWindow(weekdays=tuple(Weekday), opens=time(9), closes=time(9, 30))
    stage = start(contacts=2, max_concurrent_calls=1, respects_calling_hours=True, windows=(morning,))
    # A Wednesday, at night in Berlin, where the contacts are.
    stage.clock.now = datetime(2026, 12, 2, 1, tzinfo=UTC)
    stage.turn(completed)
    assert (stage.runs, stage.counts.started) == ([], 0)
    late = stage.clock() + timedelta(days=1)
    (wake,) = (each for each in stage.store.wakes.due(late, limit=500) if each.id == stage.campaign.id)
    opening = wake.due_at
    assert opening.astimezone(ZoneInfo("Europe/Berlin")).hour == 9
    stage.clock.now = opening
    stage.feed()
    stage.clock.move(minutes=40)
    stage.dial()
    stage.follow()
    assert [run.error and run.error.code for run in stage.runs] == ["outside-calling-hours"]
    (state,) = stage.store.attempts.get_many(stage.campaign.id, [stage.contacts[0].number])
    assert (state.status, state.run_ids) == (ContactStatus.WAITING, ())
    assert state.due_at is not None
    assert state.due_at == opening + timedelta(days=1)
    assert install.carrier.asked == []


def test_who_can_never_be_called_pauses_the_campaign_once_all_others_were(
    install: Install, start: MakeCampaign
) -> None:
    at_night = CallingWindow(weekdays=tuple(Weekday), opens=time(2), closes=time(3))
    stage = start(contacts=2, respects_calling_hours=True, windows=(at_night,))
    stage.feed()
    campaign = stage.stored
    assert (campaign.status, campaign.paused_reason) == (CampaignStatus.PAUSED, "never-open")
    assert install.carrier.asked == []
    noon = CallingWindow(weekdays=tuple(Weekday), opens=time(12), closes=time(13))
    stage.change(status=CampaignStatus.RUNNING, windows=(noon,))
    # A Wednesday, in Berlin.
    stage.clock.now = datetime(2026, 12, 2, 11, 30, tzinfo=UTC)
    stage.go_on(completed)
    assert stage.attempts() == {each.number: ["completed"] for each in stage.contacts}


def test_retries_that_can_never_be_made_pause_the_campaign(install: Install, start: MakeCampaign) -> None:
    noon = CallingWindow(weekdays=tuple(Weekday), opens=time(12), closes=time(13))
    rules = RetryRules(busy=RetryRule(times=1, after_minutes=5))
    stage = start(contacts=2, respects_calling_hours=True, windows=(noon,), retries=rules)
    # A Wednesday, in Berlin.
    stage.clock.now = datetime(2026, 12, 2, 11, 30, tzinfo=UTC)
    stage.turn(lambda _: RunStatus.BUSY)
    assert stage.counts.waiting == 2
    at_night = CallingWindow(weekdays=tuple(Weekday), opens=time(2), closes=time(3))
    stage.change(windows=(at_night,))
    stage.feed()
    assert (stage.stored.status, stage.stored.paused_reason) == (CampaignStatus.PAUSED, "never-open")
    stage.change(status=CampaignStatus.RUNNING, windows=(noon,))
    stage.clock.move(minutes=10)
    stage.go_on(completed)
    assert [*stage.attempts().values()] == [["busy", "completed"]] * 2


def test_what_a_review_has_found_is_counted_before_a_campaign_is_over(
    install: Install, start: MakeCampaign
) -> None:
    stage = start(contacts=1)
    stage.feed()
    stage.dial()
    stage.end(completed)
    (run,) = stage.runs
    claimed = replace(run, review=Review(attempts=1, last_attempt_at=stage.clock()))
    stage.store.runs.note_review(run, claimed)
    message = stage.aftercalls.sent[0]
    stage.follow()
    # Whoever reviews it is lost between what it has found and what the campaign is told.
    judged = replace(claimed, review=Review(status=ReviewStatus.DONE, attempts=1), disposition="sold")
    stage.store.runs.note_review(claimed, judged)
    stage.feed()
    assert (stage.stored.status, stage.counts.done) == (CampaignStatus.RUNNING, {"completed": 1})
    reply = install.http.delete(f"/api/v1/runs/{run.id}", headers=stage.tenant.headers)
    assert (reply.status_code, reply.json()["code"]) == (409, "run-state")
    # A message that came twice and stood still knows the run from before.
    stage.ports.campaign_accounts.settle(claimed)
    stage.aftercalls.sent.append(message)
    stage.follow()
    stage.ports.campaign_accounts.settle(claimed)
    stage.feed()
    assert stage.stored.status is CampaignStatus.COMPLETED
    assert stage.counts == Counts(contacts=1, started=1, attempts=1, done={"sold": 1})
    assert install.http.delete(f"/api/v1/runs/{run.id}", headers=stage.tenant.headers).status_code == 204


def test_a_disposition_may_be_any_text(start: MakeCampaign) -> None:
    stage = start(contacts=1)
    stage.feed()
    stage.dial()
    (run,) = stage.runs
    stage.ports.ender.end(replace(run, disposition="[0].é " * 12_000), RunStatus.COMPLETED)
    stage.follow()
    stage.feed()
    assert stage.stored.status is CampaignStatus.COMPLETED
    assert stage.counts.done == {("[0].é " * 12_000)[:100]: 1}


def test_who_waits_for_reviews_reads_no_run(start: MakeCampaign) -> None:
    stage = start(contacts=3)
    stage.feed()
    stage.dial()
    stage.end(completed)
    for run in stage.runs:
        stage.store.runs.note_review(
            run, replace(run, review=Review(attempts=1, last_attempt_at=stage.clock()))
        )
    stage.follow()
    with requests(stage.store) as sent:
        stage.feed()
    assert (stage.stored.status, stage.counts.in_review) == (CampaignStatus.RUNNING, 3)
    assert "BatchGetItem" not in sent
