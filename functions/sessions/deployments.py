"""Deploying streaming workflows, and ending that."""

from functools import partial
from http import HTTPStatus

from functions.http.authentication import Caller
from functions.http.idempotency.idempotency import NewThing
from functions.http.pagination import MAX_LIMIT
from functions.http.routing import Routes, get, post
from functions.sessions.deployment_documents import (
    DeploymentDocument,
    DeploymentList,
    NewDeployment,
    Undeployed,
    deployment_document,
)
from functions.sessions.services import SessionsServices
from functions.sessions.workflow_documents import WorkflowId
from offhook.agents.model import Agent
from offhook.ids import new_deployment_id
from offhook.organizations.model import ApiKey, Scope
from offhook.sessions.workflows import find_workflow

_ONE = "/streaming-workflows/{workflow_id}"
_DEFAULTS = NewDeployment()


class DeploymentRoutes(Routes[SessionsServices]):
    """Lists, makes and ends the deployments of a workflow."""

    tag = "streaming workflows"

    @get(f"{_ONE}/deployments", Scope.STREAMING_WORKFLOWS_READ)
    def list_streaming_deployments(self, workflow_id: WorkflowId, caller: Caller) -> DeploymentList:
        """List the deployments of a streaming workflow, newest first.

        The 200 newest; an ephemeral one is gone a day after it has expired.
        """
        agent, now = self._agent(caller, workflow_id), self._services.clock()
        found = self._services.deployments.stored.newest(agent.uuid, limit=MAX_LIMIT)
        return DeploymentList([deployment_document(agent, each, now) for each in found])

    @post(
        f"{_ONE}/deploy",
        Scope.STREAMING_WORKFLOWS_DEPLOY,
        status=HTTPStatus.CREATED,
        new_id=new_deployment_id,
    )
    def deploy_streaming_workflow(
        self, workflow_id: WorkflowId, caller: Caller, intent: NewThing, body: NewDeployment = _DEFAULTS
    ) -> DeploymentDocument:
        """Deploy the published version of a streaming workflow, for its sessions.

        It takes the place of a former deployment, whose sessions go on. Phone calls run the published version, now and
        later; `max_concurrent_sessions` bounds them too.
        """
        agent, deployments = self._agent(caller, workflow_id), self._services.deployments
        made = intent.made_before(partial(deployments.stored.get, agent.uuid))
        deployment = made or deployments.deploy(agent, body.terms, intent.resource_id)
        return deployment_document(agent, deployment, self._services.clock())

    @post(f"{_ONE}/undeploy", Scope.STREAMING_WORKFLOWS_DEPLOY, problems=[HTTPStatus.CONFLICT])
    def undeploy_streaming_workflow(self, workflow_id: WorkflowId, caller: Caller) -> Undeployed:
        """End the deployment of a streaming workflow; its sessions go on, and what has none stays as it is."""
        agent = self._agent(caller, workflow_id)
        self._services.deployments.undeploy(agent)
        return Undeployed(workflow_id=agent.wf_id)

    def _agent(self, caller: ApiKey, workflow_id: str) -> Agent:
        return find_workflow(self._services.agents, caller, workflow_id)
