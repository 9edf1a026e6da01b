"""Deployments on DynamoDB, in the partitions of their agents.

deployment   pk `AGENT#<uuid>`, sk `DEPLOYMENT#<id>`; ids are in the order of time. An ephemeral one is gone by `ttl`.
             What its agent's calls need of the present one stands in `deployment` of the agent's item.
"""

from datetime import datetime, timedelta

from pynamodb.attributes import UTCDateTimeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from offhook.adapters.dynamodb.agents.agent_items import AGENT_SK, AgentItem, agent_pk
from offhook.adapters.dynamodb.items.database import Database, Item
from offhook.adapters.dynamodb.items.mapping import ModelItem, attributes, change, found, to_model
from offhook.adapters.dynamodb.tables import CONFIG_TABLE
from offhook.agents.model import Agent, AgentDeployment, AgentStatus
from offhook.errors import StaleError
from offhook.sessions.deployments import Deployment

_PREFIX = "DEPLOYMENT#"
# Sessions that run it may be looked at.
_KEPT_AFTER_EXPIRY = timedelta(days=1)


class DeploymentItem(ModelItem):
    """A deployment as it was asked for."""

    TABLE = CONFIG_TABLE
    KIND = "deployment"
    MODEL = Deployment

    updated_at = UTCDateTimeAttribute()
    undeployed_at = UTCDateTimeAttribute(null=True)


class DynamoDeployments:
    """Implements DeploymentRepository."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._agents = database.items(AgentItem)
        self._deployments = database.items(DeploymentItem)

    def deploy(self, agent: Agent, deployment: Deployment) -> None:
        expires_at = deployment.expires_at
        item = self._deployments.new(
            agent_pk(agent.uuid),
            _sk(deployment.id),
            ttl=expires_at and expires_at + _KEPT_AFTER_EXPIRY,
            **attributes(DeploymentItem, deployment),
        )

        def collect(transaction: TransactWrite) -> None:
            transaction.save(item, Item.pk.does_not_exist())
            self._point(transaction, agent, deployment.on_agent)
            self._end(transaction, agent, deployment.created_at)

        self._database.write_together(collect, lambda: self._explain(agent, deployment.on_agent))

    def undeploy(self, agent: Agent, now: datetime) -> None:
        def collect(transaction: TransactWrite) -> None:
            self._point(transaction, agent, None)
            self._end(transaction, agent, now)

        self._database.write_together(collect, lambda: self._explain(agent, None))

    def get(self, agent_uuid: str, deployment_id: str) -> Deployment:
        item = self._deployments.get(agent_pk(agent_uuid), _sk(deployment_id))
        return found(Deployment, item, "The workflow has no deployment with this id.")

    def newest(self, agent_uuid: str, *, limit: int) -> list[Deployment]:
        items = self._deployments.query(
            agent_pk(agent_uuid), Item.sk.startswith(_PREFIX), forward=False, limit=limit
        )
        return [to_model(Deployment, item) for item in items]

    def _point(self, transaction: TransactWrite, agent: Agent, present: AgentDeployment | None) -> None:
        """Have the agent's row tell of its present deployment, if the former is still the one that was read."""
        condition = _has(agent.deployment)
        if present is not None:
            condition &= AgentItem.status == AgentStatus.ACTIVE
        transaction.update(
            self._agents.new(agent_pk(agent.uuid), AGENT_SK),
            [change(AgentItem.deployment, present)],
            condition,
        )

    def _end(self, transaction: TransactWrite, agent: Agent, now: datetime) -> None:
        former = agent.deployment
        # One that has expired has ended by itself, and may be gone.
        if former is None or (former.expires_at is not None and former.expires_at <= now):
            return
        transaction.update(
            self._deployments.new(agent_pk(agent.uuid), _sk(former.id)),
            [DeploymentItem.undeployed_at.set(now), DeploymentItem.updated_at.set(now)],
            Item.pk.exists(),
        )

    def _explain(self, agent: Agent, wanted: AgentDeployment | None) -> bool:
        """Say whether a refused write was made already, by its first attempt; raise StaleError if it can't be made."""
        item = self._agents.get(agent_pk(agent.uuid), AGENT_SK)
        stored = to_model(Agent, item) if item else None
        if stored is not None and wanted is not None and stored.deployment == wanted:
            return True
        if stored is None or stored.deployment != agent.deployment or stored.status is not agent.status:
            raise StaleError("The agent's deployment has changed since it was read: read it again.")
        return False


def _has(deployment: AgentDeployment | None) -> Condition:
    attribute = AgentItem.deployment
    if deployment is None:
        # The row is there: an update would make it.
        absent: Condition = Item.pk.exists() & attribute.does_not_exist()
        return absent
    same: Condition = attribute.part("id") == deployment.id
    return same


def _sk(deployment_id: str) -> str:
    return f"{_PREFIX}{deployment_id}"
