"""Campaigns call each contact as often as their outcomes ask for, and nobody twice."""

from datetime import timedelta

from functions.feeder.services import make_services
from offhook.campaigns.model import CampaignStatus, Counts, RetryRule, RetryRules
from offhook.campaigns.ports import CampaignWork
from offhook.runs.model import Run, RunStatus
from tests.support.campaigning import CampaignStage, MakeCampaign


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
