"""KnowledgeRepository on DynamoDB."""

from dataclasses import replace
from datetime import timedelta

import pytest

from offhook.adapters.dynamodb.store import Store
from offhook.errors import ConflictError, NotFoundError
from tests.support.makers import NOON, make_document

LATER = NOON + timedelta(minutes=1)


def test_a_document_is_read_as_it_was_stored(store: Store, organization_id: str) -> None:
    document = make_document(organization_id)
    store.knowledge.add(document)
    assert store.knowledge.get(organization_id, document.uuid) == document
    changed = replace(document, name="Prices", text_id="second", characters=7, updated_at=LATER)
    store.knowledge.update(changed, former=document)
    assert store.knowledge.get(organization_id, document.uuid) == changed
    with pytest.raises(ConflictError) as refused:
        store.knowledge.update(replace(document, name="Hours"), former=document)
    assert refused.value.code == "changed-meanwhile"


def test_documents_are_told_newest_first_and_by_name(store: Store, organization_id: str) -> None:
    first, second = make_document(organization_id), make_document(organization_id, created_at=LATER)
    for each in (first, second):
        store.knowledge.add(each)
    with pytest.raises(ConflictError):
        store.knowledge.add(first)
    assert store.knowledge.list(organization_id) == [second, first]
    assert store.knowledge.get_many(organization_id, [first.uuid, "none", second.uuid, first.uuid]) == [
        first,
        second,
    ]
    store.knowledge.remove(first)
    store.knowledge.remove(first)
    assert store.knowledge.list(organization_id) == [second]


def test_documents_of_others_are_not_there(store: Store, organization_id: str) -> None:
    document = make_document(organization_id)
    store.knowledge.add(document)
    stranger = organization_id[::-1]
    with pytest.raises(NotFoundError):
        store.knowledge.get(stranger, document.uuid)
    assert store.knowledge.get_many(stranger, [document.uuid]) == []
    assert store.knowledge.list(stranger) == []
