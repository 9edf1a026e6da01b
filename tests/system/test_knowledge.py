"""Documents at the front door."""

from dataclasses import replace
from functools import partial
from typing import Any

import httpx
import pytest

from offhook.adapters.dynamodb.knowledge import DynamoKnowledge
from offhook.errors import ConflictError
from offhook.ids import new_uuid
from offhook.knowledge.model import KnowledgeDocument
from offhook.knowledge.usecases import DocumentShelf
from tests.support.makers import NOON
from tests.support.rest import Install, Tenant

PATH = "/api/v1/knowledge-documents"
NEW = {"name": "Hours", "text": "# Hours\n\nWe open at nine.\n\N{LATIN SMALL LETTER U WITH DIAERESIS}ber"}


def ask(
    install: Install, tenant: Tenant, method: str, path: str = "", body: Any = None, **headers: str
) -> httpx.Response:
    return install.http.request(method, f"{PATH}{path}", json=body, headers={**tenant.headers, **headers})


def kept(install: Install, tenant: Tenant) -> list[str]:
    return install.ports.media.keys(f"knowledge/{tenant.organization_id}/")


def test_a_document_is_kept_with_its_text(install: Install, tenant: Tenant) -> None:
    made = ask(install, tenant, "POST", body=NEW)
    assert made.status_code == 201, made.text
    document = made.json()
    assert document["characters"] == len(NEW["text"])
    assert ask(install, tenant, "GET").json()["items"] == [document]
    one = ask(install, tenant, "GET", f"/{document['uuid']}").json()
    assert one == {**document, "text": NEW["text"]}


def test_a_changed_text_takes_the_place_of_the_former_one(install: Install, tenant: Tenant) -> None:
    uuid = ask(install, tenant, "POST", body=NEW).json()["uuid"]
    before = kept(install, tenant)
    renamed = ask(install, tenant, "PUT", f"/{uuid}", {"name": "Opening hours"})
    assert (renamed.status_code, renamed.json()["name"], kept(install, tenant)) == (
        200,
        "Opening hours",
        before,
    )
    changed = ask(install, tenant, "PUT", f"/{uuid}", {"text": "We open at ten."})
    assert changed.json()["characters"] == 15
    assert ask(install, tenant, "GET", f"/{uuid}").json()["text"] == "We open at ten."
    assert len(kept(install, tenant)) == 1
    assert kept(install, tenant) != before


def test_of_changes_at_the_same_time_the_first_text_is_kept_and_removal_leaves_none(
    install: Install, tenant: Tenant
) -> None:
    uuid = ask(install, tenant, "POST", body=NEW).json()["uuid"]
    shelf = DocumentShelf(documents=install.store.knowledge, media=install.ports.media)
    read = shelf.documents.get(tenant.organization_id, uuid)
    shelf.change(read, name="Hours", text="We open at ten.", now=NOON)
    with pytest.raises(ConflictError):
        shelf.change(read, name="Hours", text="We open at eight.", now=NOON)
    assert len(kept(install, tenant)) == 1
    assert ask(install, tenant, "GET", f"/{uuid}").json()["text"] == "We open at ten."
    shelf.remove(read)
    assert kept(install, tenant) == []


class SentAgain(DynamoKnowledge):
    """Documents of which each write is made, its reply lost, and sent again when somebody has renamed the document."""

    def add(self, document: KnowledgeDocument) -> None:
        super().add(document)
        self._rename(document)
        super().add(document)

    def update(self, document: KnowledgeDocument, *, former: KnowledgeDocument) -> None:
        super().update(document, former=former)
        self._rename(document)
        super().update(document, former=former)

    def _rename(self, document: KnowledgeDocument) -> None:
        super().update(replace(document, name="Opening hours"), former=document)


@pytest.mark.parametrize("is_new", [True, False])
def test_a_text_that_was_stored_stays_though_a_rename_hides_its_lost_reply(
    install: Install, tenant: Tenant, is_new: bool
) -> None:
    shelf = DocumentShelf(documents=SentAgain(install.store.database), media=install.ports.media)
    uuid = new_uuid() if is_new else ask(install, tenant, "POST", body=NEW).json()["uuid"]
    write = partial(shelf.add, tenant.organization_id, uuid)
    if not is_new:
        write = partial(shelf.change, shelf.documents.get(tenant.organization_id, uuid))
    with pytest.raises(ConflictError):
        write(name="Hours", text="We open at ten.", now=NOON)
    found = ask(install, tenant, "GET", f"/{uuid}")
    assert found.status_code == 200, found.text
    assert (found.json()["name"], found.json()["text"]) == ("Opening hours", "We open at ten.")


def test_a_document_that_is_removed_leaves_nothing(install: Install, tenant: Tenant) -> None:
    uuid = ask(install, tenant, "POST", body=NEW).json()["uuid"]
    assert ask(install, tenant, "DELETE", f"/{uuid}").status_code == 204
    assert ask(install, tenant, "GET", f"/{uuid}").status_code == 404
    assert kept(install, tenant) == []


def test_a_text_that_can_not_be_searched_is_refused_and_nothing_kept(
    install: Install, tenant: Tenant
) -> None:
    for text in ("", " \n ", "x" * 400_001):
        reply = ask(install, tenant, "POST", body={**NEW, "text": text})
        assert (reply.status_code, reply.json()["errors"][0]["loc"]) == (422, ["body", "text"])
    assert kept(install, tenant) == []


def test_the_same_order_makes_one_document(install: Install, tenant: Tenant) -> None:
    replies = [ask(install, tenant, "POST", body=NEW, **{"Idempotency-Key": "hours"}) for _ in range(2)]
    assert [reply.json() for reply in replies] == [replies[0].json()] * 2
    assert len(kept(install, tenant)) == 1
