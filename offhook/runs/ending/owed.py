"""What will be owed after a call, written into its run when that is made: so whoever ends it need not read its workflow."""

from offhook.agents.afterwards import webhooks_of
from offhook.agents.model import Version
from offhook.runs.model import Delivery


def webhooks_owed(version: Version) -> tuple[Delivery, ...]:
    """Return a delivery for each webhook of the version."""
    return tuple(Delivery(node_id=node.id) for node in webhooks_of(version.workflow_definition))
