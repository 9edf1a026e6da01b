"""Campaigns that are due are fed, and woken again until a feed says when they are next due."""

from datetime import timedelta

from offhook.campaigns.ports import CampaignWork
from offhook.campaigns.waking import REMINDER, CampaignWaker
from offhook.waking import WakeKind
from tests.support.makers import NOON
from tests.support.waking import MemoryWakes, make_wake


class Queue:
    """A campaign queue that notes what is sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, CampaignWork]] = []

    def send(
        self,
        organization_id: str,
        campaign_id: str,
        work: CampaignWork,
        *,
        number: int = 0,
        delay_seconds: int = 0,
    ) -> None:
        self.sent.append((organization_id, campaign_id, work))


def test_a_campaign_that_is_due_is_fed_and_woken_again_if_nothing_comes_of_it() -> None:
    wakes, queue = MemoryWakes(make_wake("a", kind=WakeKind.CAMPAIGN)), Queue()
    waker = CampaignWaker(wakes=wakes, campaigns=queue)
    for minutes in range(4):
        now = NOON + timedelta(minutes=minutes)
        waker.wake([*wakes.due(now, limit=9)], now)
    assert queue.sent == [("us", "a", CampaignWork.FEED)] * 2
    assert [wake.due_at for wake in wakes.stored.values()] == [NOON + 2 * REMINDER]


def test_one_that_was_moved_meanwhile_is_left_alone() -> None:
    wakes, queue = MemoryWakes(), Queue()
    stale = make_wake("a", kind=WakeKind.CAMPAIGN)
    wakes.set(make_wake("a", kind=WakeKind.CAMPAIGN, due_at=NOON + timedelta(hours=1)))
    CampaignWaker(wakes=wakes, campaigns=queue).wake([stale], NOON)
    assert queue.sent == []
