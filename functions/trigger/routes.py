"""The four addresses that start a call: by trigger path or by agent, in production or in test."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import Path

from functions.http.idempotency.run_numbers import run_number, some_run_id
from functions.http.routing import Replies, Routes, post
from functions.trigger.asking import APPLIED_HEADER, RESPOND_ASYNC, Ask, Asked
from functions.trigger.bodies import QUEUED_EXAMPLE, UNKNOWN_FIELD_HINT, TriggerReply
from functions.trigger.services import TriggerServices
from offhook.agents.executable import Executable, find_by_uuid
from offhook.agents.triggers import find_by_trigger
from offhook.organizations.model import Scope
from offhook.runs.model import Run, RunStatus, TriggerMode
from offhook.runs.placing.orders import CallOrder
from offhook.runs.placing.placer import CallPlacer

_OTHER_REPLIES: Replies = {
    HTTPStatus.ACCEPTED: {
        "model": TriggerReply,
        "description": "The call is queued, as `Prefer: respond-async` or `scheduled_at` asks.",
        "content": {"application/json": {"example": QUEUED_EXAMPLE}},
        "headers": {APPLIED_HEADER: {"schema": {"type": "string", "const": RESPOND_ASYNC}}},
    }
}

_PathText = Annotated[str, Path(max_length=64)]
_Find = Callable[..., Executable]


_start_call = partial(
    post,
    scope=Scope.CALLS_WRITE,
    problems=[HTTPStatus.BAD_REQUEST, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.TOO_MANY_REQUESTS],
    other_replies=_OTHER_REPLIES,
    new_id=some_run_id,
    dedupe_field="dedupe_key",
)


class TriggerRoutes(Routes[TriggerServices]):
    """Places calls for whoever has a key; longer paths first, so that `test` and `workflow` are no trigger paths."""

    tag = "trigger"
    unknown_field_hint = UNKNOWN_FIELD_HINT

    @_start_call("/public/agent/test/workflow/{agent_uuid}")
    def test_agent(self, agent_uuid: _PathText, ask: Asked) -> TriggerReply:
        """Call with an agent's newest draft."""
        return self._answer(ask, agent_uuid, find_by_uuid, TriggerMode.TEST)

    @_start_call("/public/agent/workflow/{agent_uuid}")
    def run_agent(self, agent_uuid: _PathText, ask: Asked) -> TriggerReply:
        """Call with a published agent."""
        return self._answer(ask, agent_uuid, find_by_uuid, TriggerMode.PRODUCTION)

    @_start_call("/public/agent/test/{trigger_path}")
    def test_trigger(self, trigger_path: _PathText, ask: Asked) -> TriggerReply:
        """Call with the newest draft of a trigger's agent."""
        return self._answer(ask, trigger_path, find_by_trigger, TriggerMode.TEST)

    @_start_call("/public/agent/{trigger_path}")
    def run_trigger(self, trigger_path: _PathText, ask: Asked) -> TriggerReply:
        """Call with the published agent of a trigger."""
        return self._answer(ask, trigger_path, find_by_trigger, TriggerMode.PRODUCTION)

    def _answer(self, ask: Ask, identifier: str, find: _Find, mode: TriggerMode) -> TriggerReply:
        placer, number = self._services.placer, run_number(ask.intent, self._services.clock)
        run = placer.creator.created_before(ask.caller.organization_id, number)
        if run is None:
            executable = find(
                self._services.agents,
                ask.caller.organization_id,
                identifier,
                wants_draft=mode is TriggerMode.TEST,
            )
            run = _way(ask, placer)(_order(ask, identifier, mode), executable, number, self._services.clock())
        return _reply(ask, run)


def _way(ask: Ask, placer: CallPlacer) -> Callable[..., Run]:
    if ask.body.scheduled_at is not None:
        return placer.schedule_call
    return placer.queue_call if ask.prefers_queue else placer.place_call


def _order(ask: Ask, identifier: str, mode: TriggerMode) -> CallOrder:
    return CallOrder(
        key=ask.caller,
        mode=mode,
        agent_identifier=identifier,
        called_number=ask.body.phone_number,
        initial_context=ask.body.initial_context,
        telephony_configuration_id=ask.body.telephony_configuration_id,
        from_phone_number_id=ask.body.from_phone_number_id,
        callback_url=ask.body.callback_url,
        scheduled_at=ask.body.scheduled_at,
    )


def _reply(ask: Ask, run: Run) -> TriggerReply:
    is_queued = run.status is RunStatus.QUEUED
    if is_queued:
        ask.response.status_code = HTTPStatus.ACCEPTED
        if not run.is_scheduled:
            ask.response.headers[APPLIED_HEADER] = RESPOND_ASYNC
    waiting: Literal["queued", "scheduled"] = "scheduled" if run.is_scheduled else "queued"
    return TriggerReply(
        status=waiting if is_queued else "initiated", workflow_run_id=run.id, workflow_run_name=run.name
    )
