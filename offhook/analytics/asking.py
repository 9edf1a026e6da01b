"""Questions to counters: what runs added up to in some time, in all, by hour, by day or by agent."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import MAXYEAR, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from offhook.analytics.metrics import PEAK, Figures, Metric, Sums, figures
from offhook.analytics.model import Counters, Grain, Span
from offhook.analytics.names import OTHERS
from offhook.analytics.ports import StoredCounters
from offhook.errors import InvalidInputError

MOST_DISPOSITIONS = 50
"""What is beyond so many is shown as `OTHERS`, together."""

_EXACT = timedelta(days=2)
"""So far totals are those of hours; of a longer time they are those of days, which are fewer."""

KeyT = TypeVar("KeyT", datetime, str)


class Grouping(StrEnum):
    """What an answer is told by."""

    HOUR = "hour"
    DAY = "day"
    AGENT = "agent"


_MOST_DAYS = {Grouping.HOUR: 14, Grouping.DAY: 92, Grouping.AGENT: 31, None: 92}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of an organization's counters; `agent_uuid` wants those of one agent.

    Raises InvalidInputError where no answer is given: to so long a time, or to what makes no sense together.
    """

    metric: Metric
    from_: datetime
    to: datetime
    by: Grouping | None = None
    agent_uuid: str | None = None

    def __post_init__(self) -> None:
        if self.to.year == MAXYEAR:
            raise InvalidInputError.at("query", "to", msg="The instant is too far away.")
        if self.to <= self.from_:
            raise InvalidInputError.at("query", "from", msg="Give a `from` that is earlier than `to`.")
        most = _MOST_DAYS[self.by]
        if self.to - self.from_ > timedelta(days=most):
            told = f"By {self.by} an answer" if self.by else "An answer"
            raise InvalidInputError.at(
                "query", "from", msg=f"{told} covers {most} days at most: ask for less time."
            )
        if self.by is Grouping.AGENT and self.agent_uuid is not None:
            raise InvalidInputError.at(
                "query", "agent_uuid", msg="Leave this out, or ask by `hour` or `day`."
            )

    @property
    def grain(self) -> Grain:
        """What it is widened to whole ones of."""
        if self.by in (Grouping.HOUR, Grouping.DAY):
            return Grain(self.by)
        return Grain.HOUR if self.to - self.from_ <= _EXACT else Grain.DAY

    @property
    def span(self) -> Span:
        """What it covers."""
        return Span.over(self.grain, self.from_, self.to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Figures by name: of the whole span, and a series of them, one for each of `starts` or of `agents`."""

    span: Span
    starts: Sequence[datetime]
    agents: Sequence[str]
    series: Mapping[str, Sequence[float | None]]
    totals: Figures


def ask(counters: StoredCounters, organization_id: str, question: Question, now: datetime) -> Answer:
    """Answer with the counters as they are; blocks for network round trips."""
    span, metric = question.span, question.metric
    whole = _seconds(span.start, span.end, now)
    if question.by is Grouping.AGENT:
        found = counters.by_agent(organization_id, metric.shelf, span)
        by_agent = _sums((each.agent_uuid or "", each) for each in found)
        agents = sorted(by_agent)
        rows = [_without_peak(figures(metric, by_agent[agent], whole)) for agent in agents]
        totals = _without_peak(figures(metric, _sum(found), whole))
        return _answer(question, totals, rows, agents=agents)
    # How many calls were live at each minute of a day stands in its hours.
    read = replace(span, grain=Grain.HOUR) if metric is Metric.CONCURRENCY else span
    found = counters.read(organization_id, metric.shelf, read, agent_uuid=question.agent_uuid)
    by_start = _sums((span.grain.start_of(each.start), each) for each in found)
    starts = span.starts if question.by else []
    rows = [
        figures(metric, by_start[start], _seconds(start, start + span.grain.length, now)) for start in starts
    ]
    return _answer(question, figures(metric, _sum(found), whole), rows, starts=starts)


def _sums(found: Iterable[tuple[KeyT, Counters]]) -> defaultdict[KeyT, Sums]:
    sums: defaultdict[KeyT, Sums] = defaultdict(Sums)
    for key, each in found:
        sums[key].add(each.amounts)
    return sums


def _sum(found: Iterable[Counters]) -> Sums:
    sums = Sums()
    for each in found:
        sums.add(each.amounts)
    return sums


def _seconds(start: datetime, end: datetime, now: datetime) -> float:
    """Return how long this has lasted: its end may be still to come."""
    return max((min(end, now) - start).total_seconds(), 0.0)


def _without_peak(shown: Figures) -> Figures:
    # The most calls of each agent at once add up to nothing, and days do not hold them.
    return {name: None if name == PEAK else figure for name, figure in shown.items()}


def _answer(
    question: Question,
    totals: Figures,
    rows: Sequence[Figures],
    *,
    starts: Sequence[datetime] = (),
    agents: Sequence[str] = (),
) -> Answer:
    if question.metric is Metric.DISPOSITIONS:
        kept = sorted(totals, key=lambda name: (-(totals[name] or 0), name))
        totals, *rows = [_folded(each, kept) for each in (totals, *rows)]
    series = {name: [row[name] for row in rows] for name in totals} if question.by else {}
    return Answer(span=question.span, starts=starts, agents=agents, series=series, totals=totals)


def _folded(shown: Figures, order: Sequence[str]) -> Figures:
    """Return the figures of dispositions in this order, what is beyond the first ones as one."""
    ordered: Figures = {name: shown.get(name, 0) for name in order[:MOST_DISPOSITIONS]}
    if beyond := order[MOST_DISPOSITIONS:]:
        ordered[OTHERS] = (ordered.get(OTHERS) or 0) + sum(shown.get(name) or 0 for name in beyond)
    return ordered
