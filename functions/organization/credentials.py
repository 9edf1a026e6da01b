"""Managing the credentials that an organization's tools present."""

from functools import partial
from http import HTTPStatus

from functions.http.authentication import Caller
from functions.http.idempotency.idempotency import NewThing, some_uuid
from functions.http.pagination import Paged
from functions.http.routing import Routes, delete, get, post, put
from functions.organization.credential_documents import (
    CredentialDocument,
    CredentialList,
    CredentialUpdate,
    CredentialUuid,
    NewCredential,
    credential_document,
)
from functions.organization.services import OrganizationServices
from offhook.errors import InvalidInputError
from offhook.organizations.model import ApiKey, Scope
from offhook.tools.credentials import add_credential, change_credential
from offhook.tools.model import Credential

_ONE = "/credentials/{credential_uuid}"


class CredentialRoutes(Routes[OrganizationServices]):
    """Lists, makes, shows, changes and removes credentials."""

    tag = "credentials"

    @get("/credentials", Scope.ORGANIZATION_READ)
    def list_credentials(self, caller: Caller, paging: Paged) -> CredentialList:
        """List credentials, newest first."""
        credentials = self._services.credentials.list(caller.organization_id)
        this_list = (caller.organization_id, "credentials")
        return self._services.cursors.page(
            CredentialList, credentials, paging, of=this_list, show=credential_document
        )

    @post("/credentials", Scope.ORGANIZATION_WRITE, status=HTTPStatus.CREATED, new_id=some_uuid)
    def create_credential(self, body: NewCredential, caller: Caller, intent: NewThing) -> CredentialDocument:
        """Store what a tool presents to somebody else's service."""
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

    @get(_ONE, Scope.ORGANIZATION_READ)
    def get_credential(self, credential_uuid: CredentialUuid, caller: Caller) -> CredentialDocument:
        """Show a credential, its secret masked."""
        return credential_document(self._find(caller, credential_uuid))

    @put(_ONE, Scope.ORGANIZATION_WRITE, problems=[HTTPStatus.CONFLICT])
    def update_credential(
        self, credential_uuid: CredentialUuid, body: CredentialUpdate, caller: Caller
    ) -> CredentialDocument:
        """Change a credential; a masked secret stays as it is."""
        services, former = self._services, self._find(caller, credential_uuid)
        if body.type not in (None, former.type):
            raise InvalidInputError.at("type", msg="A credential's type never changes: make another.")
        credential = change_credential(
            services.credentials,
            services.secret_box,
            former,
            name=body.name or former.name,
            given=body.given(),
            now=services.clock(),
        )
        return credential_document(credential)

    @delete(_ONE, Scope.ORGANIZATION_WRITE, status=HTTPStatus.NO_CONTENT, problems=[HTTPStatus.CONFLICT])
    def delete_credential(self, credential_uuid: CredentialUuid, caller: Caller) -> None:
        """Remove a credential that no active tool names."""
        self._services.credentials.remove(self._find(caller, credential_uuid))

    def _find(self, caller: ApiKey, credential_uuid: str) -> Credential:
        return self._services.credentials.get(caller.organization_id, credential_uuid)
