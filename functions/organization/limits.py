"""An organization's limits, and the secret that signs what we post to it."""

from fastapi import APIRouter

from functions.http.adding import Routes
from functions.http.authentication import Caller
from functions.organization.limits_documents import (
    LimitsDocument,
    WebhookSecretDocument,
    limits_document,
    limits_of,
)
from functions.organization.services import OrganizationServices
from offhook.organizations.model import Scope
from offhook.signing import webhook_secret


class LimitsRoutes:
    """Shows and sets limits, and shows the secret."""

    def __init__(self, services: OrganizationServices) -> None:
        self._services = services

    def router(self) -> APIRouter:
        """Return the routes."""
        routes = Routes(self._services, tag="organization")
        routes.add(
            "GET",
            "/organization/limits",
            self.show,
            scope=Scope.ORGANIZATION_READ,
            operation_id="getLimits",
            summary="Show what the organization may use",
        )
        routes.add(
            "PUT",
            "/organization/limits",
            self.replace,
            scope=Scope.ORGANIZATION_WRITE,
            operation_id="putLimits",
            summary="Set what the organization may use",
        )
        routes.add(
            "GET",
            "/organization/webhook-secret",
            self.show_secret,
            # Whoever knows it can sign as we do.
            scope=Scope.ORGANIZATION_WRITE,
            operation_id="getWebhookSecret",
            summary="Show the secret that our posts to your addresses are signed with",
        )
        return routes.router

    def show(self, caller: Caller) -> LimitsDocument:
        return limits_document(self._services.organizations.limits(caller.organization_id))

    def replace(self, body: LimitsDocument, caller: Caller) -> LimitsDocument:
        limits = limits_of(body)
        self._services.organizations.set_limits(caller.organization_id, limits)
        return limits_document(limits)

    def show_secret(self, caller: Caller) -> WebhookSecretDocument:
        return WebhookSecretDocument(
            secret=webhook_secret(self._services.install_secret, caller.organization_id)
        )
