"""Managing an organization's API keys."""

from datetime import UTC
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import Path

from functions.api_keys.documents import ApiKeyDocument, ApiKeyList, CreatedApiKey, NewApiKey, key_document
from functions.http.authentication import Caller
from functions.http.idempotency.idempotency import NewThing, some_uuid
from functions.http.pagination import Paged
from functions.http.routing import Routes, delete, get, post, put
from functions.http.secrets import REPLAY_NOTE
from functions.http.services import HttpServices
from offhook.errors import InvalidInputError
from offhook.organizations.model import ApiKey, Scope
from offhook.organizations.usecases import archive_key, create_key, reactivate_key

KeyId = Annotated[
    str,
    Path(max_length=64, description="`id` of the key.", examples=["0b0f6f3c-6f2b-4d57-9a56-0f3d6f8f2f11"]),
]


class ApiKeysRoutes(Routes[HttpServices]):
    """Lists, makes, archives and reactivates keys."""

    tag = "api-keys"

    @get("/user/api-keys", Scope.API_KEYS_READ)
    def list_api_keys(self, caller: Caller, paging: Paged, include_archived: bool = False) -> ApiKeyList:
        """List API keys, newest first."""
        services = self._services
        this_list = (caller.organization_id, include_archived)
        before = services.cursors.read(paging.cursor, of=this_list)
        keys = services.organizations.list_keys(caller.organization_id)
        shown = [key for key in keys if include_archived or key.archived_at is None]
        left = sorted(
            (key for key in shown if before is None or _place(key) < before), key=_place, reverse=True
        )
        items, now = left[: paging.limit], services.clock()
        end = _place(items[-1]) if len(left) > paging.limit else None
        return ApiKeyList(
            items=[key_document(key, now) for key in items],
            next_cursor=services.cursors.write(end, of=this_list),
        )

    @post("/user/api-keys", Scope.API_KEYS_WRITE, status=HTTPStatus.CREATED, new_id=some_uuid)
    def create_api_key(self, body: NewApiKey, caller: Caller, intent: NewThing) -> CreatedApiKey:
        """Make an API key; the full key is shown once."""
        organizations, now = self._services.organizations, self._services.clock()
        made = intent.made_before(partial(organizations.get_key, caller.organization_id))
        if made is not None:
            return CreatedApiKey(**key_document(made, now).model_dump(), api_key=None, note=REPLAY_NOTE)
        if body.expires_at is not None and body.expires_at <= now:
            raise InvalidInputError.at("expires_at", msg="The key would have expired already.")
        key, full_key = create_key(
            organizations,
            caller.organization_id,
            name=body.name,
            scopes=body.scopes,
            now=now,
            expires_at=body.expires_at,
            maker=caller,
            key_id=intent.resource_id,
        )
        return CreatedApiKey(**key_document(key, now).model_dump(), api_key=full_key)

    @delete("/user/api-keys/{key_id}", Scope.API_KEYS_WRITE)
    def archive_api_key(self, key_id: KeyId, caller: Caller) -> ApiKeyDocument:
        """Archive an API key, so that it opens nothing any more."""
        organizations, now = self._services.organizations, self._services.clock()
        return key_document(archive_key(organizations, caller.organization_id, key_id, now), now)

    @put("/user/api-keys/{key_id}/reactivate", Scope.API_KEYS_WRITE)
    def reactivate_api_key(self, key_id: KeyId, caller: Caller) -> ApiKeyDocument:
        """Make an archived API key usable again."""
        key = reactivate_key(self._services.organizations, key_id, caller)
        return key_document(key, self._services.clock())


def _place(key: ApiKey) -> str:
    """Return where a key stands in the list: keys that are made or archived meanwhile move no other."""
    return f"{key.created_at.astimezone(UTC).isoformat(timespec='microseconds')} {key.id}"
