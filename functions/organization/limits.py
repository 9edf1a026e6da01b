"""An organization's limits, and the secret that signs what we post to it."""

from functions.http.authentication import Caller
from functions.http.routing import Routes, get, put
from functions.organization.limits_documents import (
    LimitsDocument,
    WebhookSecretDocument,
    limits_document,
    limits_of,
)
from functions.organization.services import OrganizationServices
from offhook.organizations.model import Scope
from offhook.signing import webhook_secret


class LimitsRoutes(Routes[OrganizationServices]):
    """Shows and sets limits, and shows the secret."""

    tag = "organization"

    @get("/organization/limits", Scope.ORGANIZATION_READ)
    def get_limits(self, caller: Caller) -> LimitsDocument:
        """Show what the organization may use."""
        return limits_document(self._services.organizations.limits(caller.organization_id))

    @put("/organization/limits", Scope.ORGANIZATION_WRITE)
    def put_limits(self, body: LimitsDocument, caller: Caller) -> LimitsDocument:
        """Set what the organization may use."""
        limits = limits_of(body)
        self._services.organizations.set_limits(caller.organization_id, limits)
        return limits_document(limits)

    # Whoever knows it can sign as we do, so reading is not enough.
    @get("/organization/webhook-secret", Scope.ORGANIZATION_WRITE)
    def get_webhook_secret(self, caller: Caller) -> WebhookSecretDocument:
        """Show the secret that our posts to your addresses are signed with."""
        return WebhookSecretDocument(
            secret=webhook_secret(self._services.install_secret, caller.organization_id)
        )
