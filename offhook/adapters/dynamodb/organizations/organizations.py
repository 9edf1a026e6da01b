"""Organizations and API keys in DynamoDB.

organization   pk `ORG#<id>`, sk `ORG`; its limits beside it, see limits_item
API key        twice, with the same attributes: under pk `KEY#<hash>` for whoever presents it, and under
               pk `ORG#<id>`, sk `KEY#<key id>` for its owner. Both are one consistent read, and so is the list.
"""

from datetime import datetime, timedelta

from pynamodb.attributes import UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.transactions import TransactWrite

from offhook.adapters.dynamodb.items.database import Database, Item, organization_pk
from offhook.adapters.dynamodb.items.mapping import (
    ModelItem,
    WrittenAttribute,
    attributes,
    change,
    found,
    to_model,
)
from offhook.adapters.dynamodb.organizations.limits_item import LIMITS_SK, LimitsItem, to_limits
from offhook.adapters.dynamodb.tables import CONFIG_TABLE
from offhook.errors import ConflictError
from offhook.organizations.limits import Limits
from offhook.organizations.model import ApiKey, Organization, Scope

_TOUCH_INTERVAL = timedelta(minutes=1)


class OrganizationItem(ModelItem):
    """An organization."""

    TABLE = CONFIG_TABLE
    KIND = "organization"
    MODEL = Organization

    id = UnicodeAttribute(attr_name="organization_id")


class ApiKeyItem(ModelItem):
    """An API key, in either of its two places."""

    TABLE = CONFIG_TABLE
    KIND = "api-key"
    MODEL = ApiKey

    id = UnicodeAttribute(attr_name="key_id")
    scopes = WrittenAttribute[frozenset[Scope]](
        lambda scopes: " ".join(sorted(scopes)), lambda text: frozenset(map(Scope, text.split()))
    )
    archived_at = UTCDateTimeAttribute(null=True)
    last_used_at = UTCDateTimeAttribute(null=True)


class DynamoOrganizations:
    """Implements OrganizationRepository."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._organizations = database.items(OrganizationItem)
        self._keys = database.items(ApiKeyItem)
        self._limits = database.items(LimitsItem)

    def ensure(self, organization: Organization) -> None:
        pk, told = organization_pk(organization.id), attributes(OrganizationItem, organization)
        self._organizations.put_new(self._organizations.new(pk, "ORG", **told))

    def limits(self, organization_id: str) -> Limits:
        return to_limits(self._limits.get(organization_pk(organization_id), LIMITS_SK))

    def set_limits(self, organization_id: str, limits: Limits) -> None:
        told = {"organization_id": organization_id, **attributes(LimitsItem, limits)}
        self._limits.put(self._limits.new(organization_pk(organization_id), LIMITS_SK, **told))

    def add_key(self, key: ApiKey) -> None:
        def collect(transaction: TransactWrite) -> None:
            for pk, sk in _places(key):
                transaction.save(
                    self._keys.new(pk, sk, **attributes(ApiKeyItem, key)), Item.pk.does_not_exist()
                )

        def explain() -> bool:
            stored = [to_model(ApiKey, item) for pk, sk in _places(key) if (item := self._keys.get(pk, sk))]
            if any(each != key for each in stored):
                raise ConflictError("There is a key with this id already; make another one.")
            return bool(stored)

        self._database.write_together(collect, explain)

    def find_key(self, key_hash: str) -> ApiKey | None:
        item = self._keys.get(f"KEY#{key_hash}", "KEY")
        return None if item is None else to_model(ApiKey, item)

    def get_key(self, organization_id: str, key_id: str) -> ApiKey:
        item = self._keys.get(organization_pk(organization_id), f"KEY#{key_id}")
        return found(ApiKey, item, "There is no API key with this id in your organization.")

    def list_keys(self, organization_id: str) -> list[ApiKey]:
        items = self._keys.query(organization_pk(organization_id), Item.sk.startswith("KEY#"))
        keys = (to_model(ApiKey, item) for item in items)
        return sorted(keys, key=lambda key: key.created_at, reverse=True)

    def set_archived(self, key: ApiKey, archived_at: datetime | None) -> None:
        def collect(transaction: TransactWrite) -> None:
            action = change(ApiKeyItem.archived_at, archived_at)
            for pk, sk in _places(key):
                transaction.update(self._keys.new(pk, sk), [action], Item.pk.exists())

        def explain() -> bool:
            return self.get_key(key.organization_id, key.id).archived_at == archived_at

        self._database.write_together(collect, explain)

    def touch_key(self, key: ApiKey, now: datetime) -> None:
        is_due = ApiKeyItem.last_used_at.does_not_exist() | (ApiKeyItem.last_used_at < now - _TOUCH_INTERVAL)
        for pk, sk in _places(key):
            used = self._keys.change(pk, sk, [ApiKeyItem.last_used_at.set(now)], Item.pk.exists() & is_due)
            if not used.is_done:
                return


def _places(key: ApiKey) -> list[tuple[str, str]]:
    return [(f"KEY#{key.key_hash}", "KEY"), (organization_pk(key.organization_id), f"KEY#{key.id}")]
