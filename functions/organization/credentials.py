"""Managing the credentials that an organization's tools present."""

from functools import partial
from http import HTTPStatus

from fastapi import APIRouter

from functions.http.adding import Routes
from functions.http.authentication import Caller
from functions.http.idempotency import NewThing, some_uuid
from functions.http.pagination import DEFAULT_LIMIT, Cursor, Limit
from functions.organization.credential_documents import (
    CredentialDocument,
    CredentialList,
    CredentialUpdate,
    CredentialUuid,
    NewCredential,
    credential_document,
)
from functions.organization.services import OrganizationServices
from offhook.errors import FieldProblem, InvalidInputError
from offhook.organizations.model import ApiKey, Scope
from offhook.tools.credentials import add_credential, change_credential
from offhook.tools.model import Credential

_PATH = "/credentials"
_ONE = "/credentials/{credential_uuid}"


class CredentialRoutes:
    """Lists, makes, shows, changes and removes credentials."""

    def __init__(self, services: OrganizationServices) -> None:
        self._services = services

    def router(self) -> APIRouter:
        """Return the routes."""
        routes = Routes(self._services, tag="credentials")
        routes.add(
            "GET",
            _PATH,
            self.list_credentials,
            scope=Scope.ORGANIZATION_READ,
            operation_id="listCredentials",
            summary="List credentials, newest first",
        )
        routes.add(
            "POST",
            _PATH,
            self.create,
            scope=Scope.ORGANIZATION_WRITE,
            operation_id="createCredential",
            summary="Store what a tool presents to somebody else's service",
            status=HTTPStatus.CREATED,
            new_id=some_uuid,
        )
        routes.add(
            "GET",
            _ONE,
            self.show,
            scope=Scope.ORGANIZATION_READ,
            operation_id="getCredential",
            summary="Show a credential, its secret masked",
            problems=[HTTPStatus.NOT_FOUND],
        )
        routes.add(
            "PUT",
            _ONE,
            self.change,
            scope=Scope.ORGANIZATION_WRITE,
            operation_id="updateCredential",
            summary="Change a credential; a masked secret stays as it is",
            problems=[HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT],
        )
        routes.add(
            "DELETE",
            _ONE,
            self.remove,
            scope=Scope.ORGANIZATION_WRITE,
            operation_id="deleteCredential",
            summary="Remove a credential that no active tool names",
            status=HTTPStatus.NO_CONTENT,
            problems=[HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT],
        )
        return routes.router

    def list_credentials(
        self, caller: Caller, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
    ) -> CredentialList:
        credentials = self._services.credentials.list(caller.organization_id)
        this_list = (caller.organization_id, "credentials")
        items, next_cursor = self._services.cursors.page(
            credentials, cursor, limit, of=this_list, show=credential_document
        )
        return CredentialList(items=items, next_cursor=next_cursor)

    def create(self, body: NewCredential, caller: Caller, intent: NewThing) -> CredentialDocument:
        services = self._services
        made = intent.made_before(partial(services.credentials.get, caller.organization_id))
        credential = made or add_credential(
            services.credentials,
            services.secret_box,
            caller.organization_id,
            intent.resource_id,
            name=body.name,
            type_=body.type,
            given=body.given(),
            now=services.clock(),
        )
        return credential_document(credential)

    def show(self, credential_uuid: CredentialUuid, caller: Caller) -> CredentialDocument:
        return credential_document(self._find(caller, credential_uuid))

    def change(
        self, credential_uuid: CredentialUuid, body: CredentialUpdate, caller: Caller
    ) -> CredentialDocument:
        services, former = self._services, self._find(caller, credential_uuid)
        if body.type not in (None, former.type):
            problem = FieldProblem(
                loc=("body", "type"), msg="A credential's type never changes: make another."
            )
            raise InvalidInputError(problem.msg, problems=[problem])
        credential = change_credential(
            services.credentials,
            services.secret_box,
            former,
            name=body.name or former.name,
            given=body.given(),
            now=services.clock(),
        )
        return credential_document(credential)

    def remove(self, credential_uuid: CredentialUuid, caller: Caller) -> None:
        self._services.credentials.remove(self._find(caller, credential_uuid))

    def _find(self, caller: ApiKey, credential_uuid: str) -> Credential:
        return self._services.credentials.get(caller.organization_id, credential_uuid)
