"""Deployments: which version of an agent its sessions run, and within which limits.

An agent has one present deployment at most; it stands on the agent's own row too, for whoever starts a call.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

from offhook.agents.model import Agent, AgentDeployment, AgentStatus
from offhook.agents.ports import AgentRepository
from offhook.clock import Clock
from offhook.errors import ConflictError, StaleError
from offhook.ids import new_deployment_id
from offhook.sessions.task_sizes import TaskSize, task_size

T = TypeVar("T")

EPHEMERAL_FOR = timedelta(hours=1)
"""How long a deployment takes sessions that was made for the first of them."""

MAX_SESSION_SECONDS = 3600
"""As calls: so long a task that is taken out of service lets them go on (docs/decisions/0023)."""

_TRIES = 5


class DeploymentStatus(StrEnum):
    """Whether new sessions run a deployment; those that run one already go on whatever becomes of it."""

    READY = "ready"
    UNDEPLOYED = "undeployed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentTerms:
    """What is asked of a deployment; sizes in Kubernetes' words. Without `max_concurrent_sessions` it bounds no calls."""

    cpu: str = "1000m"
    memory: str = "2Gi"
    disk: str = "20Gi"
    idle_timeout_seconds: int = 300
    max_session_duration_seconds: int = MAX_SESSION_SECONDS
    max_concurrent_sessions: int | None = None

    @property
    def size(self) -> TaskSize:
        """The least that Fargate has of it; raises InvalidInputError for a size that there is not."""
        return task_size(cpu=self.cpu, memory=self.memory, disk=self.disk)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """That a version may run, for sessions and within limits, until it is undeployed, replaced or expired."""

    id: str
    agent_uuid: str
    version: int
    is_draft: bool
    terms: DeploymentTerms
    size: TaskSize
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None = None
    undeployed_at: datetime | None = None

    def status(self, now: datetime) -> DeploymentStatus:
        """Return where it stands."""
        if self.undeployed_at is not None:
            return DeploymentStatus.UNDEPLOYED
        if self.expires_at is not None and self.expires_at <= now:
            return DeploymentStatus.EXPIRED
        return DeploymentStatus.READY

    @property
    def on_agent(self) -> AgentDeployment:
        """What stands of it on its agent's row."""
        return AgentDeployment(
            id=self.id,
            version=self.version,
            is_draft=self.is_draft,
            idle_timeout_seconds=self.terms.idle_timeout_seconds,
            max_session_duration_seconds=self.terms.max_session_duration_seconds,
            max_concurrent_sessions=self.terms.max_concurrent_sessions,
            expires_at=self.expires_at,
        )


class DeploymentRepository(Protocol):
    """The stored deployments. Synchronous; may block for a network round trip."""

    def deploy(self, agent: Agent, deployment: Deployment) -> None:
        """Store a deployment as its agent's present one, and end the one that the agent has as it was read.

        Raises StaleError, with nothing stored, when the agent was archived or got another deployment since.
        """

    def undeploy(self, agent: Agent, now: datetime) -> None:
        """End the agent's present deployment, which it has; raise StaleError when it has another one by now, or none."""

    def get(self, agent_uuid: str, deployment_id: str) -> Deployment:
        """Return one deployment of an agent; raise NotFoundError."""

    def newest(self, agent_uuid: str, *, limit: int) -> list[Deployment]:
        """Return an agent's deployments, newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployments:
    """Makes and ends deployments. What an archived agent can't have raises ConflictError `agent-archived`."""

    stored: DeploymentRepository
    agents: AgentRepository
    clock: Clock

    def deploy(self, agent: Agent, terms: DeploymentTerms, deployment_id: str) -> Deployment:
        """Pin the agent's published version, in place of what was deployed before.

        Raises InvalidInputError for a size that there is not, ConflictError `agent-unpublished`.
        """

        def deploy(agent: Agent) -> Deployment:
            _check_active(agent)
            if agent.published_version is None:
                raise ConflictError(
                    "The agent has no published version to deploy: publish it first.",
                    code="agent-unpublished",
                )
            deployment = self._new(deployment_id, agent, agent.published_version, terms)
            self.stored.deploy(agent, deployment)
            return deployment

        return self._for_newest(agent, deploy)

    def for_session(self, agent: Agent, now: datetime) -> AgentDeployment:
        """Return what a session that begins now runs: the present deployment, else a new ephemeral one, stored.

        That one pins the published version, else the draft, and gives way to another when the agent has a newer one.
        """

        def find(agent: Agent) -> AgentDeployment:
            _check_active(agent)
            if agent.deployment is not None and _takes_sessions(agent, agent.deployment, now):
                return agent.deployment
            made = self._new(new_deployment_id(now), agent, _newest(agent), DeploymentTerms())
            made = replace(made, expires_at=now + EPHEMERAL_FOR)
            self.stored.deploy(agent, made)
            return made.on_agent

        return self._for_newest(agent, find)

    def for_test(self, agent: Agent, now: datetime) -> AgentDeployment:
        """Return the terms of a session that tries the agent's draft; nothing is stored, and what is deployed stays.

        An agent without a draft is tried as sessions run it.
        """
        if agent.draft_version is None:
            return self.for_session(agent, now)
        _check_active(agent)
        return self._new("", agent, agent.draft_version, DeploymentTerms()).on_agent

    def undeploy(self, agent: Agent) -> None:
        """End the agent's present deployment, if it has one; sessions that run it go on."""

        def undeploy(agent: Agent) -> None:
            if agent.deployment is not None:
                self.stored.undeploy(agent, self.clock())

        self._for_newest(agent, undeploy)

    def _new(self, id_: str, agent: Agent, version: int, terms: DeploymentTerms) -> Deployment:
        now = self.clock()
        return Deployment(
            id=id_,
            agent_uuid=agent.uuid,
            version=version,
            is_draft=version == agent.draft_version,
            terms=terms,
            size=terms.size,
            created_at=now,
            updated_at=now,
        )

    def _for_newest(self, agent: Agent, work: Callable[[Agent], T]) -> T:
        """Do this for the agent, again as it is by then where others have changed its deployment at the same time."""
        for _ in range(_TRIES):
            try:
                return work(agent)
            except StaleError:
                agent = self.agents.get(agent.organization_id, agent.uuid)
        raise ConflictError("Others are deploying this agent at this moment: try again.")


def _takes_sessions(agent: Agent, deployment: AgentDeployment, now: datetime) -> bool:
    if deployment.expires_at is None:
        return True
    is_newest = (deployment.version, deployment.is_draft) == (
        _newest(agent),
        _newest(agent) == agent.draft_version,
    )
    return is_newest and now < deployment.expires_at


def _newest(agent: Agent) -> int:
    # Each agent begins with a draft, which only publishing takes away.
    return agent.newest_version or agent.last_version


def _check_active(agent: Agent) -> None:
    if agent.status is not AgentStatus.ACTIVE:
        raise ConflictError("The agent is archived: unarchive it first.", code="agent-archived")
