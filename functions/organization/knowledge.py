"""Managing the texts that an organization's agents can look things up in."""

from functools import partial
from http import HTTPStatus

from functions.http.authentication import Caller
from functions.http.idempotency.idempotency import NewThing, some_uuid
from functions.http.pagination import Paged
from functions.http.routing import Routes, delete, get, post, put
from functions.organization.knowledge_documents import (
    DocumentUuid,
    KnowledgeDocumentChanges,
    KnowledgeDocumentDocument,
    KnowledgeList,
    KnowledgeText,
    NewKnowledgeDocument,
)
from functions.organization.services import OrganizationServices
from offhook.knowledge.model import KnowledgeDocument
from offhook.organizations.model import ApiKey, Scope

_ONE = "/knowledge-documents/{document_uuid}"


class KnowledgeRoutes(Routes[OrganizationServices]):
    """Lists, stores, shows, changes and removes documents."""

    tag = "knowledge"

    @get("/knowledge-documents", Scope.ORGANIZATION_READ)
    def list_knowledge_documents(self, caller: Caller, paging: Paged) -> KnowledgeList:
        """List documents, newest first."""
        documents = self._services.documents.documents.list(caller.organization_id)
        this_list = (caller.organization_id, "knowledge-documents")
        return self._services.cursors.page(KnowledgeList, documents, paging, of=this_list)

    @post("/knowledge-documents", Scope.ORGANIZATION_WRITE, status=HTTPStatus.CREATED, new_id=some_uuid)
    def create_knowledge_document(
        self, body: NewKnowledgeDocument, caller: Caller, intent: NewThing
    ) -> KnowledgeDocumentDocument:
        """Store a text that agents can look things up in."""
        shelf = self._services.documents
        made = intent.made_before(partial(shelf.documents.get, caller.organization_id))
        document = made or shelf.add(
            caller.organization_id,
            intent.resource_id,
            name=body.name,
            text=body.text,
            now=self._services.clock(),
        )
        return KnowledgeDocumentDocument.model_validate(document)

    @get(_ONE, Scope.ORGANIZATION_READ)
    def get_knowledge_document(self, document_uuid: DocumentUuid, caller: Caller) -> KnowledgeText:
        """Show a document with its text."""
        document = self._find(caller, document_uuid)
        shown = KnowledgeDocumentDocument.model_validate(document)
        return KnowledgeText(**dict(shown), text=self._services.documents.text(document))

    @put(_ONE, Scope.ORGANIZATION_WRITE, problems=[HTTPStatus.CONFLICT])
    def update_knowledge_document(
        self, document_uuid: DocumentUuid, body: KnowledgeDocumentChanges, caller: Caller
    ) -> KnowledgeDocumentDocument:
        """Change a document; calls that have begun go on with the text that they found."""
        former = self._find(caller, document_uuid)
        services = self._services
        return KnowledgeDocumentDocument.model_validate(
            services.documents.change(
                former, name=body.name or former.name, text=body.text, now=services.clock()
            )
        )

    @delete(_ONE, Scope.ORGANIZATION_WRITE, status=HTTPStatus.NO_CONTENT)
    def delete_knowledge_document(self, document_uuid: DocumentUuid, caller: Caller) -> None:
        """Remove a document; agents that name it find nothing in it any more."""
        self._services.documents.remove(self._find(caller, document_uuid))

    def _find(self, caller: ApiKey, document_uuid: str) -> KnowledgeDocument:
        return self._services.documents.documents.get(caller.organization_id, document_uuid)
