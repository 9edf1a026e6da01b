"""An agent in its public form."""

from functions.agents.documents import AgentDocument
from offhook.agents.editing import AgentDetails
from offhook.documents import parts_of
from offhook.telephony.links import API_PATH


def agent_document(details: AgentDetails, public_base_url: str) -> AgentDocument:
    """Show an agent with its draft and the addresses of its triggers."""
    base = f"{public_base_url.rstrip('/')}{API_PATH}/public/agent"
    triggers = [
        {"trigger_path": path, "production_url": f"{base}/{path}", "test_url": f"{base}/test/{path}"}
        for path in details.trigger_paths
    ]
    agent = parts_of(details.agent) | {"wf_id": details.agent.wf_id}
    return AgentDocument.model_validate({**agent, "draft": details.draft, "triggers": triggers})
