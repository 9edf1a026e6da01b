"""Whoever works at a campaign may be killed at any request to the database, and two may work at it at once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from offhook.campaigns.model import Counts, RetryRule, RetryRules
from offhook.runs.model import Run, RunStatus
from tests.support.campaigning import CampaignStage, MakeCampaign
from tests.support.killing import KilledError, killed_at
from tests.support.rest import Install

MOST_WRITES = 9
"""Of one part for one contact, and one more."""
BUSY_TWICE = RetryRules(busy=RetryRule(times=1, after_minutes=2))


def killing(stage: CampaignStage, moment: str) -> Callable[[Callable[[], None]], None]:
    """Return what kills each of the three parts at its first write, the next time at its second one, and so on.

    The message that it had comes again, to one that lives.
    """
    parts = count()

    def carry_out(part: Callable[[], None]) -> None:
        try:
            with killed_at(stage.store, next(parts) // 3 % MOST_WRITES, moment):
                part()
        except KilledError:
            part()

    return carry_out


def outcomes(stage: CampaignStage) -> Callable[[Run], RunStatus]:
    """Have the last contact busy, always."""
    last = stage.contacts[-1].number
    return lambda run: RunStatus.BUSY if run.telephony.called_number == last else RunStatus.COMPLETED


def check(stage: CampaignStage, install: Install) -> None:
    *others, last = stage.contacts
    assert stage.attempts() == {each.number: ["completed"] for each in others} | {
        last.number: ["busy", "busy"]
    }
    dials = Counter(str(asked.body["destination"]) for asked in install.carrier.asked)
    assert all(dials[each.number] <= 1 for each in others)
    assert dials[last.number] <= 2
    number = len(stage.contacts)
    assert stage.store.attempts.counts(stage.campaign.id) == Counts(
        contacts=number, started=number, attempts=number + 1, done={"busy": 1, "completed": number - 1}
    )
    ledger = stage.store.ledgers.get(stage.campaign.organization_id)
    assert not ledger.queued | ledger.live


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
def test_killed_at_every_write_each_contact_has_the_attempts_that_its_outcomes_ask_for(
    install: Install, start: MakeCampaign, moment: str
) -> None:
    stage = start(contacts=5, max_concurrent_calls=1, retries=BUSY_TWICE)
    stage.go_on(outcomes(stage), carry_out=killing(stage, moment))
    check(stage, install)


def test_two_of_each_at_once_call_nobody_twice(install: Install, start: MakeCampaign) -> None:
    stage = start(contacts=4, max_concurrent_calls=3, retries=BUSY_TWICE)
    with ThreadPoolExecutor(2) as pool:

        def twice(part: Callable[[], None]) -> None:
            if part == stage.feed:
                for each in [pool.submit(part) for _ in range(2)]:
                    each.result()
            else:
                part()

        stage.go_on(outcomes(stage), carry_out=twice)
    check(stage, install)
