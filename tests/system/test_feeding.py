"""Campaigns call each contact as often as their outcomes ask for, and nobody twice."""

from offhook.campaigns.model import CampaignStatus, Counts, RetryRule, RetryRules
from offhook.runs.model import Run, RunStatus
from tests.support.campaigning import MakeCampaign


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
