"""The route of analytics."""

from typing import Annotated

from fastapi import Query
from pydantic import WithJsonSchema

from functions.analytics.documents import AnalyticsDocument, analytics_document
from functions.analytics.services import AnalyticsServices
from functions.http.authentication import Caller
from functions.http.routing import Routes, get
from offhook.analytics.asking import Grouping, Question, ask
from offhook.analytics.metrics import Metric
from offhook.instants import Instant
from offhook.organizations.model import Scope

Wanted = Annotated[Metric, Query(description="What is asked for.", examples=[Metric.RUNS.value])]
From = Annotated[
    Instant,
    # The schema of an instant has no example, and takes none.
    WithJsonSchema(
        {"type": "string", "maxLength": 64, "format": "date-time", "examples": ["2027-01-31T00:00:00Z"]}
    ),
    Query(alias="from", description="From this instant on; with a time zone."),
]
To = Annotated[Instant | None, Query(description="To before this instant; left out, until now.")]
ByWhat = Annotated[
    Grouping | None,
    Query(
        description="A figure for each hour (of 14 days at most), for each day of UTC (of 92) or for each agent (of 31 "
        "days); left out, those of the whole time (92 days) alone."
    ),
]
Agent = Annotated[str | None, Query(max_length=64, description="Of this agent's runs alone.")]


class AnalyticsRoutes(Routes[AnalyticsServices]):
    """Shows an organization what its runs add up to."""

    tag = "analytics"

    @get("/analytics", Scope.RUNS_READ)
    def get_analytics(
        self,
        metric: Wanted,
        caller: Caller,
        from_: From,
        to: To = None,
        by: ByWhat = None,
        agent_uuid: Agent = None,
    ) -> AnalyticsDocument:
        """Show what runs add up to."""
        now = self._services.clock()
        question = Question(metric=metric, from_=from_, to=to or now, by=by, agent_uuid=agent_uuid)
        answer = ask(self._services.counters, caller.organization_id, question, now)
        return analytics_document(question, answer)
