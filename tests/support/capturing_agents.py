"""An agent of a whole install that captures a telephone number."""

from tests.support.captures import capturing
from tests.support.whole_install import Document, WholeInstall


def call_for_a_number(install: WholeInstall, called: str, **settings: object) -> Document:
    """Have an agent that captures a telephone number call somebody; return the run when it is over."""
    body = {"name": "Captures", "workflow_definition": capturing("phone"), "settings": settings}
    made = install.http.post("/api/v1/agents", json=body)
    assert made.status_code == 201, made.text
    uuid = made.json()["uuid"]
    published = install.http.post(f"/api/v1/agents/{uuid}/publish", json={})
    assert published.status_code == 200, published.text
    reply = install.http.post(f"/api/v1/public/agent/workflow/{uuid}", json={"phone_number": called})
    assert reply.status_code == 200, reply.text
    return install.wait_until_over(reply.json()["workflow_run_id"])
