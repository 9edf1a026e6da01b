"""The do-not-call list at the front door: one by one, and as CSV."""

import csv
import gzip
import io
from typing import Any

import httpx
import pytest

from functions.http import pagination
from functions.organization import do_not_call
from offhook.organizations.audit import AuditAction
from offhook.organizations.model import Scope
from tests.support.makers import make_entry
from tests.support.rest import Install, Tenant
from tests.support.triggers import CALLEE, post_trigger

LIST = "/api/v1/organization/do-not-call"


@pytest.fixture
def stranger(install: Install, organization_id: str) -> Tenant:
    return install.new_tenant(organization_id[::-1], has_line=False)


def add(install: Install, tenant: Tenant, number: str = CALLEE, **body: Any) -> httpx.Response:
    return install.http.post(LIST, json={"phone_number": number, **body}, headers=tenant.headers)


def import_(install: Install, tenant: Tenant, body: bytes | str, **headers: str) -> httpx.Response:
    sent = {**tenant.headers, "Content-Type": "text/csv", **headers}
    return install.http.post(f"{LIST}/import", content=body, headers=sent)


def listed(install: Install, tenant: Tenant) -> list[str]:
    reply = install.http.get(LIST, headers=tenant.headers)
    return [each["phone_number"] for each in reply.json()["items"]]


def test_a_number_is_put_on_the_list_shown_and_taken_off(install: Install, tenant: Tenant) -> None:
    added = add(install, tenant, "+1 (415) 555-0123", reason="Asked by letter.")
    assert added.status_code == 200
    entry = added.json()
    assert entry == {
        "phone_number": CALLEE,
        "reason": "Asked by letter.",
        "source": "api",
        "added_by": tenant.api_key_id,
        "added_at": entry["added_at"],
        "workflow_run_id": None,
    }
    assert add(install, tenant, CALLEE, reason="Asked again.").json() == entry
    for path in (f"{LIST}/{CALLEE}", f"{LIST}/%2B14155550123", f"{LIST}/001-415-555-0123"):
        assert install.http.get(path, headers=tenant.headers).json() == entry
    assert post_trigger(install, tenant).json()["code"] == "do-not-call"
    assert install.http.delete(f"{LIST}/{CALLEE}", headers=tenant.headers).status_code == 204
    assert install.http.delete(f"{LIST}/{CALLEE}", headers=tenant.headers).status_code == 404
    assert install.http.get(f"{LIST}/{CALLEE}", headers=tenant.headers).status_code == 404
    assert post_trigger(install, tenant).status_code == 200


def test_who_took_a_number_off_stays_known(install: Install, tenant: Tenant) -> None:
    add(install, tenant)
    install.http.delete(f"{LIST}/{CALLEE}", headers=tenant.headers)
    (noted,) = install.store.audit.newest(tenant.organization_id, limit=5)
    assert (noted.action, noted.subject, noted.key_id) == (
        AuditAction.DO_NOT_CALL_REMOVED,
        CALLEE,
        tenant.api_key_id,
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"phone_number": "4155550123"}, "phone_number"),
        ({"phone_number": ""}, "phone_number"),
        ({"phone_number": 14155550123}, "phone_number"),
        ({"phone_number": CALLEE, "reason": "x" * 201}, "reason"),
        ({"phone_number": CALLEE, "surplus": 1}, "surplus"),
        ({}, "phone_number"),
    ],
)
def test_what_is_no_number_is_refused(install: Install, tenant: Tenant, body: Any, field: str) -> None:
    reply = install.http.post(LIST, json=body, headers=tenant.headers)
    assert (reply.status_code, reply.json()["errors"][0]["loc"]) == (422, ["body", field])
    assert listed(install, tenant) == []


def test_a_list_is_its_organizations_and_pages(install: Install, tenant: Tenant, stranger: Tenant) -> None:
    numbers = [f"+1415555{n:04d}" for n in range(7)]
    install.store.do_not_call.add_all(
        tenant.organization_id, [make_entry(tenant.organization_id, number) for number in numbers]
    )
    assert listed(install, stranger) == []
    assert install.http.get(f"{LIST}/{numbers[0]}", headers=stranger.headers).status_code == 404
    first = install.http.get(LIST, params={"limit": 4}, headers=tenant.headers).json()
    cursor = first["next_cursor"]
    second = install.http.get(LIST, params={"limit": 4, "cursor": cursor}, headers=tenant.headers).json()
    found = [each["phone_number"] for page in (first, second) for each in page["items"]]
    assert (found, second["next_cursor"]) == (numbers, None)
    other = install.http.get(LIST, params={"cursor": cursor}, headers=stranger.headers)
    assert (other.status_code, other.json()["code"]) == (422, "invalid-cursor")


def test_a_key_that_may_only_read_changes_nothing(install: Install, tenant: Tenant) -> None:
    add(install, tenant)
    reader = install.add_key(tenant, Scope.ORGANIZATION_READ)
    for method, path in (("POST", LIST), ("POST", f"{LIST}/import"), ("DELETE", f"{LIST}/{CALLEE}")):
        reply = install.http.request(method, path, headers=reader)
        assert (reply.status_code, reply.json()["code"]) == (403, "scope-required")
    for path in (LIST, f"{LIST}/export", f"{LIST}/{CALLEE}"):
        assert install.http.get(path, headers=reader).status_code == 200


def test_a_file_is_imported_and_what_is_no_number_holds_up_nothing(install: Install, tenant: Tenant) -> None:
    add(install, tenant, "+14155550001", reason="Before.")
    body = (
        "\ufeffName;Phone Number;Reason\r\n"
        "Ann;+1 415 555 0001;Again\r\n"
        'Bo;"0044 (20) 7946-0000";"No;\nthanks"\r\n'
        "\r\n"
        "Cy;415 555 0002;\r\n"
        f"Di;+14155550003;{'x' * 201}\r\n"
        "Ed;+442079460000\r\n"
        "Flo;'+14155550004;\r\n"
    )
    reply = import_(install, tenant, body)
    assert reply.status_code == 200, reply.text
    found = reply.json()
    assert (found["added"], found["known"], found["faults_left_out"]) == (2, 2, 0)
    assert [fault["row"] for fault in found["faults"]] == [5, 6]
    assert "country code" in found["faults"][0]["reason"]
    assert listed(install, tenant) == ["+14155550001", "+14155550004", "+442079460000"]
    entry = install.http.get(f"{LIST}/+442079460000", headers=tenant.headers).json()
    assert (entry["source"], entry["reason"], entry["added_by"]) == (
        "import",
        "No;\nthanks",
        tenant.api_key_id,
    )
    assert import_(install, tenant, body).json() | {"faults": []} == {
        "added": 0,
        "known": 4,
        "faults": [],
        "faults_left_out": 0,
    }


def test_a_file_without_names_has_its_numbers_first(install: Install, tenant: Tenant) -> None:
    body = "+14155550001,N\xe9\n+14155550002\n".encode("latin-1")
    assert import_(install, tenant, gzip.compress(body), **{"Content-Encoding": "gzip"}).json()["added"] == 2
    entry = install.http.get(f"{LIST}/+14155550001", headers=tenant.headers).json()
    assert entry["reason"] == "N\xe9"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "invalid-csv"),
        (b"PK\x03\x04 a workbook", 422, "invalid-csv"),
        (b"+14155550001\0", 422, "invalid-csv"),
        (b'"+14155550001', 422, "invalid-csv"),
        (b"x" * 200_000, 422, "invalid-csv"),
        (b"+14155550001\n" * 10_001, 422, "invalid-csv"),
        (b"x" * 1_000_001, 413, "body-too-large"),
    ],
)
def test_a_hostile_file_is_refused_with_a_sentence(
    install: Install, tenant: Tenant, body: bytes, status: int, code: str
) -> None:
    reply = import_(install, tenant, body)
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert reply.json()["detail"].endswith(".")
    assert listed(install, tenant) == []


def test_a_file_that_unpacks_to_too_much_is_refused(install: Install, tenant: Tenant) -> None:
    reply = import_(install, tenant, gzip.compress(b"0" * 50_000_000), **{"Content-Encoding": "gzip"})
    assert (reply.status_code, reply.json()["code"]) == (413, "body-too-large")
    assert listed(install, tenant) == []


def test_an_import_is_csv_and_everything_else_json(install: Install, tenant: Tenant) -> None:
    as_json = import_(install, tenant, b"[]", **{"Content-Type": "application/json"})
    assert (as_json.status_code, as_json.json()["code"]) == (415, "unsupported-media-type")
    assert "text/csv" in as_json.json()["detail"]
    as_csv = install.http.post(
        LIST, content=b"+14155550001", headers={**tenant.headers, "Content-Type": "text/csv"}
    )
    assert as_csv.status_code == 415


def test_faults_are_shown_up_to_a_hundred(install: Install, tenant: Tenant) -> None:
    found = import_(install, tenant, "nobody\n" * 130).json()
    assert (len(found["faults"]), found["faults_left_out"], found["added"]) == (100, 30, 0)


def test_the_list_is_exported_whole_and_can_be_imported_again(
    install: Install, tenant: Tenant, stranger: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(do_not_call, "EXPORTED_AT_ONCE", 3)
    for n in range(5):
        add(
            install, tenant, f"+1415555000{n}", reason='=HYPERLINK("http://evil.example")' if n == 2 else None
        )
    whole, path = "", f"{LIST}/export"
    for _ in range(2):
        reply = install.http.get(path, headers=tenant.headers)
        assert reply.headers["content-type"].startswith("text/csv")
        whole += reply.text
        path = reply.links.get("next", {}).get("url", "")
    assert path == ""
    assert whole.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(whole.removeprefix("\ufeff"))))
    assert [row["phone_number"] for row in rows] == [f"+1415555000{n}" for n in range(5)]
    assert rows[2]["reason"] == '\'=HYPERLINK("http://evil.example")'
    assert (rows[0]["source"], rows[0]["added_by"]) == ("api", tenant.api_key_id)
    assert import_(install, stranger, whole.encode()).json()["added"] == 5


def test_an_export_goes_on_where_a_reply_has_no_more_room(
    install: Install, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pagination, "MAX_PAGE_BYTES", 700)
    for n in range(5):
        add(install, tenant, f"+1415555000{n}", reason="x" * 200)
    found, path, replies = [], f"{LIST}/export", 0
    while path:
        reply = install.http.get(path, headers=tenant.headers)
        found += [row[0] for row in csv.reader(io.StringIO(reply.text)) if row[0].startswith("+")]
        path, replies = reply.links.get("next", {}).get("url", ""), replies + 1
    assert found == [f"+1415555000{n}" for n in range(5)]
    assert replies > 2
