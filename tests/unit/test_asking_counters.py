"""Questions to counters: how far they reach, what they are widened to, and how an answer is laid out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from offhook.analytics.asking import MOST_DISPOSITIONS, Grouping, Question, ask
from offhook.analytics.metrics import Metric
from offhook.analytics.model import Counters, Grain, Shelf, Span

NOW = datetime(2026, 11, 29, 10, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass(slots=True)
class KnownCounters:
    """Implements StoredCounters: by what they are asked for."""

    known: Sequence[Counters] = ()
    asked: list[Span] = field(default_factory=list)

    def read(
        self, organization_id: str, shelf: Shelf, span: Span, *, agent_uuid: str | None = None
    ) -> Sequence[Counters]:
        self.asked.append(span)
        return [each for each in self.known if each.start in span.starts]

    def by_agent(self, organization_id: str, shelf: Shelf, span: Span) -> Sequence[Counters]:
        return self.read(organization_id, shelf, span)


def question(hours: float, by: Grouping | None = None, metric: Metric = Metric.RUNS) -> Question:
    return Question(metric=metric, from_=NOW - timedelta(hours=hours), to=NOW, by=by)


@pytest.mark.parametrize(
    ("hours", "by", "span"),
    [
        (1, Grouping.HOUR, ("29T09", "29T11")),
        (0.5, Grouping.HOUR, ("29T10", "29T11")),
        (1, Grouping.DAY, ("29T00", "30T00")),
        (1, Grouping.AGENT, ("29T09", "29T11")),
        (48, Grouping.AGENT, ("27T10", "29T11")),
        (49, Grouping.AGENT, ("27T00", "30T00")),
        (2, None, ("29T08", "29T11")),
        (100, None, ("25T00", "30T00")),
    ],
)
def test_what_is_covered_is_whole_hours_or_days(
    hours: float, by: Grouping | None, span: tuple[str, str]
) -> None:
    covered = question(hours, by).span
    assert (f"{covered.start:%dT%H}", f"{covered.end:%dT%H}") == span


def test_a_full_hour_ends_where_the_next_one_begins() -> None:
    asked = Question(metric=Metric.RUNS, from_=NOW.replace(minute=0), to=NOW.replace(minute=0) + HOUR)
    assert asked.span.starts == [NOW.replace(minute=0)]


def test_every_hour_has_its_place_and_an_average_is_one_of_the_time_that_has_passed() -> None:
    half = Counters(start=NOW.replace(minute=0), amounts={"held_ms": 1_800_000, "live#10": 3, "live#12": -3})
    counters = KnownCounters([half])
    answer = ask(counters, "acme", question(2, Grouping.HOUR, Metric.CONCURRENCY), NOW)
    assert [start.hour for start in answer.starts] == [8, 9, 10]
    assert answer.series == {"average": [0, 0, 1.0], "peak": [0, 0, 3]}
    assert answer.totals == {"average": 0.2, "peak": 3}


def test_the_most_calls_at_once_of_a_day_are_read_off_its_hours() -> None:
    hours = [
        Counters(start=NOW.replace(hour=hour, minute=0), amounts={"live#00": live, "held_ms": 3_600_000})
        for hour, live in ((1, 2), (9, 5))
    ]
    counters = KnownCounters(hours)
    answer = ask(counters, "acme", question(1, Grouping.DAY, Metric.CONCURRENCY), NOW)
    assert [span.grain for span in counters.asked] == [Grain.HOUR]
    assert answer.series["peak"] == [5]


def test_the_rarest_dispositions_are_told_together() -> None:
    amounts = {f"disposition#code {number:03d}": 1000 - number for number in range(MOST_DISPOSITIONS + 3)}
    counters = KnownCounters([Counters(start=NOW.replace(minute=0), amounts=amounts)])
    answer = ask(counters, "acme", question(1, Grouping.HOUR, Metric.DISPOSITIONS), NOW)
    assert len(answer.totals) == MOST_DISPOSITIONS + 1
    assert next(iter(answer.totals)) == "code 000"
    assert list(answer.totals)[-1] == "*"
    assert answer.series["*"] == [0, 950 + 949 + 948]


def test_what_nobody_counted_is_told_as_nothing() -> None:
    for metric in Metric:
        answer = ask(KnownCounters(), "acme", question(1, Grouping.AGENT, metric), NOW)
        assert list(answer.agents) == []
        assert all(not each for each in answer.series.values())
        assert not any(answer.totals.values())
