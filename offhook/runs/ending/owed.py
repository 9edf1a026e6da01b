"""What will be owed after a call, written into its run when that is made: so whoever ends it need not read its workflow."""

from offhook.agents.afterwards import checks_of, webhooks_of
from offhook.agents.model import Version
from offhook.agents.settings import AgentSettings
from offhook.runs.model import Delivery, Review


def webhooks_owed(version: Version) -> tuple[Delivery, ...]:
    """Return a delivery for each webhook of the version."""
    return tuple(Delivery(node_id=node.id) for node in webhooks_of(version.workflow_definition))


def review_owed(version: Version, settings: AgentSettings) -> Review | None:
    """Return the review of a call of this version; None where there is nothing to judge."""
    is_wanted = bool(settings.dispositions) or bool(checks_of(version.workflow_definition))
    return Review() if is_wanted else None
