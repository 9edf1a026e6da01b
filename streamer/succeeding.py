"""The agents that calls are handed on to: found in the call's organization, as they are published."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from offhook.agents.model import Agent, AgentStatus
from offhook.errors import InvalidInputError, NotFoundError, StorageError
from streamer.call.events import HandoffReady
from streamer.conductor.engines import Engines
from streamer.conductor.succeeding import NoSuccessorError, Succession
from streamer.engine_room import EngineRoom
from streamer.record.call_plan import CallPlan, Follower
from streamer.record.call_services import CallServices
from streamer.record.prepared import PreparedVersion, PreparedVersions
from streamer.speech.ports import Listening, Recogniser
from streamer.tools.catalogue import ToolsOfCall

Tools = Callable[[CallPlan], Awaitable[ToolsOfCall]]
"""Finds what a call may use that follows this plan."""


class Succeeding:
    """Makes plans of calls that another agent goes on with; one instance for all calls of the process."""

    def __init__(self, services: CallServices, versions: PreparedVersions, tools: Tools) -> None:
        self._services = services
        self._versions = versions
        self._tools = tools

    async def plan(self, plan: CallPlan, agent_uuid: str, version: int | None = None) -> CallPlan:
        """Return the plan of the same call with another agent: in this version, or as it is published.

        How long a call lasts, and whether it is recorded, stays what the first agent's settings say. Raises
        NotFoundError, InvalidInputError, StorageError, NoSuccessorError.
        """
        run = self._services.store_threads.run
        agent = await run(self._services.agents.get, plan.run.organization_id, agent_uuid)
        number = _published(agent) if version is None else version
        prepared = await run(self._prepared, agent, number)
        first = plan.settings
        kept = {"max_call_duration_seconds": first.max_call_duration_seconds, "record": first.record}
        followed = replace(
            plan,
            prepared=replace(prepared, settings=prepared.settings.model_copy(update=kept)),
            follower=Follower(agent_uuid=agent.uuid, name=agent.name, version=number),
        )
        return replace(followed, tools=await self._tools(followed))

    async def name(self, plan: CallPlan, agent_uuid: str) -> str:
        """Return what an agent of the call's organization is called; raise NotFoundError, StorageError."""
        get, organization_id = self._services.agents.get, plan.run.organization_id
        return (await self._services.store_threads.run(get, organization_id, agent_uuid)).name

    def _prepared(self, agent: Agent, version: int) -> PreparedVersion:
        return self._versions.get(self._services.agents.get_version(agent.uuid, version))


class SuccessorsOfCall:
    """Implements Successors for one call, which begins on these engines; `lack` is told of tools that are missing."""

    def __init__(
        self,
        succeeding: Succeeding,
        plan: CallPlan,
        engines: Engines,
        *,
        room: EngineRoom,
        lack: Callable[[tuple[str, ...]], None],
    ) -> None:
        self._succeeding = succeeding
        self._plan = plan
        self._room = room
        self._lack = lack
        self._ears: dict[str, tuple[tuple[Recogniser, ...], Listening]] = {
            plan.agent_uuid: (engines.recognisers, plan.listening)
        }

    async def find(self, agent_uuid: str, *, from_agent_uuid: str) -> Succession:
        try:
            plan = await self._succeeding.plan(self._plan, agent_uuid)
            name = await self._succeeding.name(self._plan, from_agent_uuid)
        except NotFoundError:
            raise NoSuccessorError("There is no such agent.", code="agent-not-found") from None
        except InvalidInputError:
            raise NoSuccessorError("The agent's version can't be read.", code="agent-not-readable") from None
        except StorageError as error:
            raise NoSuccessorError("The agent can't be read now.", code=error.code) from None
        self._lack(plan.tools.missing)
        return self._succession(plan, from_agent_uuid, name)

    def _succession(self, plan: CallPlan, from_agent_uuid: str, from_agent: str) -> Succession:
        settings = plan.settings
        engines = self._room.engines_for(self._room.choose(settings), settings, hears=plan.prepared.hears)
        # Read first: an agent may hand on to a newer version of itself.
        former = self._ears.get(from_agent_uuid)
        ears = self._ears[plan.agent_uuid] = (engines.recognisers, plan.listening)
        return Succession(
            ready=HandoffReady(
                successor=plan.successor,
                from_agent=from_agent,
                hears_anew=ears != former,
            ),
            engines=engines,
            listening=plan.listening,
            runner=plan.tools.runner,
            texts=(*plan.apology, *plan.fixed_texts(*plan.likely_texts)),
        )


def _published(agent: Agent) -> int:
    if agent.status is not AgentStatus.ACTIVE:
        raise NoSuccessorError("The agent is archived.", code="agent-archived")
    if agent.published_version is None:
        raise NoSuccessorError("The agent was never published.", code="agent-not-published")
    return agent.published_version
