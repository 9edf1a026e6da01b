"""The four addresses that start a call: by trigger path or by agent, in production or in test."""

from http import HTTPStatus

from fastapi import APIRouter

from functions.http.authentication import Caller
from functions.http.routing import Routes
from functions.trigger.bodies import UNKNOWN_FIELD_HINT, TriggerBody, TriggerReply
from functions.trigger.services import TriggerServices
from offhook.agents.usecases import Executable, find_by_trigger, find_by_uuid
from offhook.organizations.model import ApiKey, Scope
from offhook.runs.model import TriggerMode
from offhook.runs.usecases import CallOrder

_PROBLEMS = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.TOO_MANY_REQUESTS)


class TriggerRoutes:
    """Places calls for whoever has a key."""

    def __init__(self, services: TriggerServices) -> None:
        self._services = services

    def router(self) -> APIRouter:
        """Return the routes; those with two segments first, so that `test` and `workflow` are not trigger paths."""
        routes = Routes(self._services, tag="trigger", unknown_field_hint=UNKNOWN_FIELD_HINT)
        for path, endpoint, operation_id, summary in (
            (
                "/public/agent/test/workflow/{agent_uuid}",
                self.test_agent,
                "testAgent",
                "Call with an agent's newest draft",
            ),
            (
                "/public/agent/workflow/{agent_uuid}",
                self.run_agent,
                "runAgent",
                "Call with a published agent",
            ),
            (
                "/public/agent/test/{trigger_path}",
                self.test_trigger,
                "testTrigger",
                "Call with the newest draft of a trigger's agent",
            ),
            (
                "/public/agent/{trigger_path}",
                self.run_trigger,
                "runTrigger",
                "Call with the published agent of a trigger",
            ),
        ):
            routes.add(
                "POST",
                path,
                endpoint,
                scope=Scope.CALLS_WRITE,
                operation_id=operation_id,
                summary=summary,
                problems=_PROBLEMS,
            )
        return routes.router

    def run_trigger(self, trigger_path: str, body: TriggerBody, caller: Caller) -> TriggerReply:
        return self._by_trigger(trigger_path, body, caller, TriggerMode.PRODUCTION)

    def test_trigger(self, trigger_path: str, body: TriggerBody, caller: Caller) -> TriggerReply:
        return self._by_trigger(trigger_path, body, caller, TriggerMode.TEST)

    def run_agent(self, agent_uuid: str, body: TriggerBody, caller: Caller) -> TriggerReply:
        return self._by_agent(agent_uuid, body, caller, TriggerMode.PRODUCTION)

    def test_agent(self, agent_uuid: str, body: TriggerBody, caller: Caller) -> TriggerReply:
        return self._by_agent(agent_uuid, body, caller, TriggerMode.TEST)

    def _by_trigger(
        self, trigger_path: str, body: TriggerBody, caller: ApiKey, mode: TriggerMode
    ) -> TriggerReply:
        executable = find_by_trigger(
            self._services.agents,
            caller.organization_id,
            trigger_path,
            wants_draft=mode is TriggerMode.TEST,
        )
        return self._place(executable, trigger_path, body, caller, mode)

    def _by_agent(
        self, agent_uuid: str, body: TriggerBody, caller: ApiKey, mode: TriggerMode
    ) -> TriggerReply:
        executable = find_by_uuid(
            self._services.agents, caller.organization_id, agent_uuid, wants_draft=mode is TriggerMode.TEST
        )
        return self._place(executable, agent_uuid, body, caller, mode)

    def _place(
        self, executable: Executable, identifier: str, body: TriggerBody, caller: ApiKey, mode: TriggerMode
    ) -> TriggerReply:
        order = CallOrder(
            key=caller,
            mode=mode,
            agent_identifier=identifier,
            phone_number=body.phone_number,
            initial_context=body.initial_context,
            telephony_configuration_id=body.telephony_configuration_id,
            from_phone_number_id=body.from_phone_number_id,
        )
        run = self._services.placer.place_call(order, executable, self._services.clock())
        return TriggerReply(workflow_run_id=run.id, workflow_run_name=run.name)
