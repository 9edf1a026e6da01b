"""What an organization may use: how many calls at once, how much, how fast, and where to."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """An organization's limits; None is no limit.

    `calls_per_number_per_day` are those of all its campaigns together, in the day of whoever is called.
    Campaigns take no more than `campaign_share_percent` of the concurrent calls, so that triggers find a place, but one at
    least. `allowed_destinations` are prefixes of what may be dialled (`+1415`, `+44`, `sip:`); None allows the countries of
    the organization's verified numbers, without their premium rates, and SIP addresses that are no telephone numbers.
    """

    max_concurrent_calls: int = 10
    minutes_per_month: int | None = None
    spend_per_day_usd: Decimal | None = None
    calls_per_minute_per_key: int = 60
    calls_per_number_per_day: int = 3
    campaign_share_percent: int = 80
    allowed_destinations: tuple[str, ...] | None = None

    @property
    def campaign_calls(self) -> int:
        """How many calls may be live at once when a campaign is to add one of its own, that one included."""
        share = self.max_concurrent_calls * self.campaign_share_percent // 100
        return min(self.max_concurrent_calls, max(1, share))
