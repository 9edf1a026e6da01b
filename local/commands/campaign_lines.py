"""How far a campaign is, as lines for a terminal: a bar while it runs, and a table of how its calls ended."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from local.client.campaigns import Progress
from local.commands.table import table
from offhook.campaigns.model import CampaignStatus

_BAR_CELLS = 24
_SHARE_CELLS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What bars are drawn with."""

    full: str
    empty: str

    @classmethod
    def for_encoding(cls, encoding: str | None) -> Self:
        """Return blocks where they can be written, else what every terminal has."""
        try:
            "█░".encode(encoding or "ascii")
        except (UnicodeEncodeError, LookupError):
            return cls(full="#", empty=".")
        return cls(full="█", empty="░")

    def bar(self, part: int, whole: int, cells: int) -> str:
        """Draw a part of a whole; whatever is more than nothing can be seen, and only all of it fills the bar."""
        full = cells * part // whole if whole else 0
        return self.full * max(full, bool(part)) + self.empty * (cells - max(full, bool(part)))


def bar_line(progress: Progress, marks: Marks) -> str:
    """Draw how many contacts are done, and tell what the others are at."""
    bar = marks.bar(progress.over, progress.contacts, _BAR_CELLS)
    return f"{bar} {progress.over} of {progress.contacts}  {', '.join(_at_work(progress))}".rstrip()


def outcome_lines(progress: Progress, marks: Marks) -> list[str]:
    """Tell how the calls ended, the most frequent first, what is left, and what it took."""
    outcomes = sorted(progress.done.items(), key=lambda outcome: (-outcome[1], outcome[0]))
    left = [
        ("(listed twice)", progress.duplicates),
        ("(being called)", progress.dialling + progress.talking),
        ("(to be called again)", progress.waiting),
        ("(not called yet)", progress.new),
        ("(called off)", progress.canceled),
    ]
    counted = [*outcomes, *(each for each in left if each[1])]
    rows = [(name, n, _share(n, progress, marks)) for name, n in counted]
    return [*table(("outcome", "contacts", ""), rows), "", _sum(progress)]


def _at_work(progress: Progress) -> Iterator[str]:
    if progress.status is not CampaignStatus.RUNNING:
        reason = f" ({progress.paused_reason})" if progress.paused_reason else ""
        yield f"{progress.status}{reason}"
    told = (
        (progress.talking, "talking"),
        (progress.dialling, "dialling"),
        (progress.waiting, "to be called again"),
    )
    yield from (f"{count} {what}" for count, what in told if count)
    if progress.cost_usd:
        yield f"${progress.cost_usd:.2f}"
    if progress.estimated_end_at:
        yield f"over at {progress.estimated_end_at.astimezone():%H:%M}"


def _share(count: int, progress: Progress, marks: Marks) -> str:
    return marks.bar(count, progress.contacts, _SHARE_CELLS).rstrip(marks.empty)


def _sum(progress: Progress) -> str:
    minutes, seconds = divmod(progress.call_seconds, 60)
    cost = f", ${progress.cost_usd:.4f}" if progress.cost_usd else ""
    return f"{progress.contacts} contacts, {progress.attempts} calls, {minutes}:{seconds:02} talked{cost}"
