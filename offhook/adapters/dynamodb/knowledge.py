"""Documents in DynamoDB, without their texts.

document   config table, pk `ORG#<id>`, sk `KNOWLEDGE#<uuid>`
"""

import builtins
from collections.abc import Sequence

from pynamodb.attributes import UnicodeAttribute, UTCDateTimeAttribute

from offhook.adapters.dynamodb.items.database import Database, Item, organization_pk
from offhook.adapters.dynamodb.items.mapping import ModelItem, attributes, changes, found, to_model
from offhook.adapters.dynamodb.items.refusals import changed_meanwhile, id_taken
from offhook.adapters.dynamodb.tables import CONFIG_TABLE
from offhook.knowledge.model import KnowledgeDocument


class KnowledgeItem(ModelItem):
    """A document."""

    TABLE = CONFIG_TABLE
    KIND = "knowledge"
    MODEL = KnowledgeDocument

    uuid = UnicodeAttribute(attr_name="document_uuid")
    text_id = UnicodeAttribute()
    updated_at = UTCDateTimeAttribute()


class DynamoKnowledge:
    """Implements KnowledgeRepository."""

    def __init__(self, database: Database) -> None:
        self._documents = database.items(KnowledgeItem)

    def add(self, document: KnowledgeDocument) -> None:
        item = self._documents.new(*_place(document), **attributes(KnowledgeItem, document))
        if not self._documents.put_new(item):
            raise id_taken()

    def get(self, organization_id: str, document_uuid: str) -> KnowledgeDocument:
        item = self._documents.get(*_key(organization_id, document_uuid))
        return found(KnowledgeDocument, item, "There is no document with this id in your organization.")

    def get_many(
        self, organization_id: str, document_uuids: Sequence[str]
    ) -> builtins.list[KnowledgeDocument]:
        items = self._documents.get_many([_key(organization_id, uuid) for uuid in document_uuids])
        found = {item.uuid: to_model(KnowledgeDocument, item) for item in items}
        return [found[uuid] for uuid in dict.fromkeys(document_uuids) if uuid in found]

    def update(self, document: KnowledgeDocument, *, former: KnowledgeDocument) -> None:
        changed = self._documents.change(
            *_place(document),
            changes(KnowledgeItem, attributes(KnowledgeItem, document)),
            Item.pk.exists()
            & (KnowledgeItem.updated_at == former.updated_at)
            & (KnowledgeItem.text_id == former.text_id),
        )
        if not changed.is_done:
            raise changed_meanwhile("document")

    def remove(self, document: KnowledgeDocument) -> None:
        self._documents.remove(*_place(document))

    def list(self, organization_id: str) -> builtins.list[KnowledgeDocument]:
        items = self._documents.query(organization_pk(organization_id), Item.sk.startswith("KNOWLEDGE#"))
        documents = (to_model(KnowledgeDocument, item) for item in items)
        return sorted(documents, key=lambda each: (each.created_at, each.uuid), reverse=True)


def _place(document: KnowledgeDocument) -> tuple[str, str]:
    return _key(document.organization_id, document.uuid)


def _key(organization_id: str, document_uuid: str) -> tuple[str, str]:
    return organization_pk(organization_id), f"KNOWLEDGE#{document_uuid}"
