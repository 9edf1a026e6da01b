"""What analytics answer."""

from typing import Any

from pydantic import BaseModel, Field

from offhook.analytics.asking import Answer, Grouping, Question
from offhook.analytics.metrics import Metric
from offhook.analytics.names import OTHERS
from offhook.documents import examples, parts_of
from offhook.instants import Instant

_BY_HOUR: dict[str, Any] = {
    "metric": "answer_rate",
    "by": "hour",
    "agent_uuid": None,
    "from": "2027-01-31T08:00:00.000Z",
    "to": "2027-01-31T10:00:00.000Z",
    "starts": [1801382400, 1801386000],
    "agents": [],
    "series": {
        "dialled": [40, 0],
        "answered": [26, 0],
        "person": [19, 0],
        "machine": [7, 0],
        "rate": [0.65, None],
        "person_rate": [0.475, None],
    },
    "totals": {
        "dialled": 40,
        "answered": 26,
        "person": 19,
        "machine": 7,
        "rate": 0.65,
        "person_rate": 0.475,
    },
}


class AnalyticsDocument(BaseModel):
    """What runs add up to. A run is counted when it is over, in the hour in which it began."""

    model_config = examples(_BY_HOUR)

    metric: Metric
    by: Grouping | None
    agent_uuid: str | None = Field(description="Whose runs these are; null for those of all agents.")
    from_: Instant = Field(
        alias="from", description="What is covered: from here, a full hour or a day of UTC,"
    )
    to: Instant = Field(description="to before here.")
    starts: list[int] = Field(
        description="By hour or day: when each of them begins, in seconds since 1970, without a gap."
    )
    agents: list[str] = Field(description="By agent: the `agent_uuid` of each that had runs.")
    series: dict[str, list[float | None]] = Field(
        description="By name a figure for each of `starts` or `agents`, null where there is none, such as the rate of no "
        f"calls. The names of dispositions are theirs, the most frequent first; `{OTHERS}` are the rarest together."
    )
    totals: dict[str, float | None] = Field(
        description="The same figures of all that is covered: percentiles, rates and peaks too."
    )


def analytics_document(question: Question, answer: Answer) -> AnalyticsDocument:
    """Show an answer."""
    shown = {
        "from": answer.span.start,
        "to": answer.span.end,
        "starts": [int(start.timestamp()) for start in answer.starts],
    }
    return AnalyticsDocument.model_validate(parts_of(question) | parts_of(answer) | shown)
