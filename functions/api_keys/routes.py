"""Managing an organization's API keys."""

from http import HTTPStatus

from fastapi import APIRouter

from functions.api_keys.documents import ApiKeyDocument, ApiKeyList, CreatedApiKey, NewApiKey, key_document
from functions.api_keys.services import ApiKeysServices
from functions.http.authentication import Caller
from functions.http.pagination import DEFAULT_LIMIT, Cursor, Limit
from functions.http.routing import Routes
from offhook.errors import FieldProblem, InvalidInputError
from offhook.organizations.model import Scope
from offhook.organizations.usecases import archive_key, create_key, reactivate_key


class ApiKeysRoutes:
    """Lists, makes, archives and reactivates keys."""

    def __init__(self, services: ApiKeysServices) -> None:
        self._services = services

    def router(self) -> APIRouter:
        """Return the routes."""
        routes = Routes(self._services, tag="api-keys")
        routes.add(
            "GET",
            "/user/api-keys",
            self.list_keys,
            scope=Scope.API_KEYS_READ,
            operation_id="listApiKeys",
            summary="List API keys, newest first",
        )
        routes.add(
            "POST",
            "/user/api-keys",
            self.create,
            scope=Scope.API_KEYS_WRITE,
            operation_id="createApiKey",
            summary="Make an API key; the full key is shown once",
            status=HTTPStatus.CREATED,
        )
        routes.add(
            "DELETE",
            "/user/api-keys/{key_id}",
            self.archive,
            scope=Scope.API_KEYS_WRITE,
            operation_id="archiveApiKey",
            summary="Archive an API key, so that it opens nothing any more",
            problems=[HTTPStatus.NOT_FOUND],
        )
        routes.add(
            "PUT",
            "/user/api-keys/{key_id}/reactivate",
            self.reactivate,
            scope=Scope.API_KEYS_WRITE,
            operation_id="reactivateApiKey",
            summary="Make an archived API key usable again",
            problems=[HTTPStatus.NOT_FOUND],
        )
        return routes.router

    def list_keys(
        self,
        caller: Caller,
        include_archived: bool = False,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> ApiKeyList:
        keys = self._services.organizations.list_keys(caller.organization_id)
        shown = [key for key in keys if include_archived or key.archived_at is None]
        this_list = (caller.organization_id, include_archived)
        start = int(self._services.cursors.read(cursor, of=this_list) or 0)
        end = str(start + limit) if start + limit < len(shown) else None
        return ApiKeyList(
            items=[key_document(key) for key in shown[start : start + limit]],
            next_cursor=self._services.cursors.write(end, of=this_list),
        )

    def create(self, body: NewApiKey, caller: Caller) -> CreatedApiKey:
        now = self._services.clock()
        if body.expires_at is not None and body.expires_at <= now:
            problem = FieldProblem(loc=("body", "expires_at"), msg="The key would have expired already.")
            raise InvalidInputError(problem.msg, problems=[problem])
        key, full_key = create_key(
            self._services.organizations,
            caller.organization_id,
            name=body.name,
            scopes=body.scopes,
            now=now,
            expires_at=body.expires_at,
            maker=caller,
        )
        return CreatedApiKey(**key_document(key).model_dump(), api_key=full_key)

    def archive(self, key_id: str, caller: Caller) -> ApiKeyDocument:
        services = self._services
        return key_document(
            archive_key(services.organizations, caller.organization_id, key_id, services.clock())
        )

    def reactivate(self, key_id: str, caller: Caller) -> ApiKeyDocument:
        return key_document(reactivate_key(self._services.organizations, caller.organization_id, key_id))
