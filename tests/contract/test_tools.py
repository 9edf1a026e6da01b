"""ToolRepository and CredentialRepository on DynamoDB."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from offhook.adapters.dynamodb.store import Store
from offhook.errors import ConflictError, NotFoundError
from offhook.ids import new_uuid
from offhook.tools.model import Credential, CredentialType, Tool, ToolStatus
from tests.support.dynamodb_requests import requests
from tests.support.makers import NOON, make_tool

LATER = NOON + timedelta(minutes=1)


@pytest.fixture
def credential(store: Store, organization_id: str) -> Credential:
    """Return a stored credential."""
    made = Credential(
        uuid=new_uuid(),
        organization_id=organization_id,
        name="CRM",
        type=CredentialType.API_KEY,
        public={"header_name": "X-API-Key"},
        sealed="sealed",
        hint="1234",
        created_at=NOON,
        updated_at=NOON,
    )
    store.credentials.add(made)
    return made


def archived(tool: Tool) -> Tool:
    return replace(tool, status=ToolStatus.ARCHIVED, updated_at=tool.updated_at + timedelta(seconds=1))


def at_once(*works: Callable[[], None]) -> list[str]:
    """Do all at the same moment; return the codes of those that were refused."""
    barrier = threading.Barrier(len(works))

    def do(work: Callable[[], None]) -> str | None:
        barrier.wait(timeout=10)
        try:
            work()
        except ConflictError as error:
            return error.code
        return None

    with ThreadPoolExecutor(len(works)) as pool:
        return [code for code in pool.map(do, works) if code is not None]


def test_a_tool_is_read_as_it_was_stored(store: Store, organization_id: str) -> None:
    tool = make_tool(organization_id)
    store.tools.add(tool)
    assert store.tools.get(organization_id, tool.uuid) == tool
    changed = replace(tool, name="search", description="Searches.", definition={"url": "x"}, updated_at=LATER)
    store.tools.update(changed, former=tool)
    assert store.tools.get(organization_id, tool.uuid) == changed


def test_tools_and_credentials_of_others_are_not_there(
    store: Store, organization_id: str, credential: Credential
) -> None:
    tool = make_tool(organization_id)
    store.tools.add(tool)
    stranger = organization_id[::-1]
    with pytest.raises(NotFoundError):
        store.tools.get(stranger, tool.uuid)
    with pytest.raises(NotFoundError):
        store.credentials.get(stranger, credential.uuid)
    assert store.tools.list(stranger) == []
    assert store.credentials.list(stranger) == []
    store.credentials.remove(replace(credential, organization_id=stranger))
    assert store.credentials.get(organization_id, credential.uuid) == credential


def test_lists_are_newest_first_and_hold_archived_tools(store: Store, organization_id: str) -> None:
    old = make_tool(organization_id, "old")
    new = replace(make_tool(organization_id, "new"), created_at=LATER, updated_at=LATER)
    for tool in (old, new):
        store.tools.add(tool)
    store.tools.update(archived(new), former=new)
    assert store.tools.list(organization_id) == [archived(new), old]


def test_of_many_tools_those_are_read_that_are_named(store: Store, organization_id: str) -> None:
    first, second, _ = tools = [make_tool(organization_id, name) for name in ("first", "second", "third")]
    for tool in tools:
        store.tools.add(tool)
    named = [first.uuid, second.uuid, "no-such-tool"]
    with requests(store) as sent:
        found = store.tools.get_many(organization_id, named)
    assert sorted(tool.name for tool in found) == ["first", "second"]
    assert sent == ["BatchGetItem"]
    assert store.tools.get_many("org-other", named) == []


def test_a_write_whose_reply_is_lost_is_done_once_and_without_an_error(
    lossy_store: Store, organization_id: str, credential: Credential
) -> None:
    tool = make_tool(organization_id, "first", credential)
    lossy_store.tools.add(tool)
    lossy_store.tools.update(archived(tool), former=tool)
    assert lossy_store.tools.get(organization_id, tool.uuid) == archived(tool)
    renamed = replace(credential, name="CRM 2", updated_at=LATER)
    lossy_store.credentials.update(renamed, former=credential)
    assert lossy_store.credentials.get(organization_id, credential.uuid) == renamed
    lossy_store.credentials.remove(credential)
    assert lossy_store.credentials.list(organization_id) == []


def test_an_id_is_taken_once(store: Store, organization_id: str, credential: Credential) -> None:
    tool = make_tool(organization_id)
    store.tools.add(tool)
    for again in (
        partial(store.tools.add, replace(tool, name="other")),
        partial(store.credentials.add, credential),
    ):
        with pytest.raises(ConflictError) as refused:
            again()
        assert refused.value.code == "id-taken"


def test_two_active_tools_never_have_one_name(store: Store, organization_id: str) -> None:
    first, second = make_tool(organization_id), make_tool(organization_id, "Look_Up")
    store.tools.add(first)
    with pytest.raises(ConflictError) as refused:
        store.tools.add(second)
    assert refused.value.code == "tool-name-taken"
    store.tools.update(archived(first), former=first)
    store.tools.add(second)
    with pytest.raises(ConflictError) as refused:
        store.tools.update(replace(first, updated_at=LATER), former=archived(first))
    assert refused.value.code == "tool-name-taken"
    renamed = replace(second, name="search", updated_at=LATER)
    store.tools.update(renamed, former=second)
    store.tools.update(replace(first, updated_at=LATER), former=archived(first))
    assert {tool.name for tool in store.tools.list(organization_id)} == {"look_up", "search"}


def test_of_two_who_take_a_name_at_once_one_gets_it(store: Store, organization_id: str) -> None:
    tools = [make_tool(organization_id) for _ in range(3)]
    refused = at_once(*(partial(store.tools.add, tool) for tool in tools))
    assert refused == ["tool-name-taken"] * 2
    assert len(store.tools.list(organization_id)) == 1


def test_a_change_of_something_old_is_refused(
    store: Store, organization_id: str, credential: Credential
) -> None:
    tool = make_tool(organization_id)
    store.tools.add(tool)
    changed = replace(tool, description="Other.", updated_at=LATER)
    store.tools.update(changed, former=tool)
    with pytest.raises(ConflictError) as refused:
        store.tools.update(replace(tool, description="Third."), former=tool)
    assert refused.value.code == "changed-meanwhile"
    new = replace(credential, hint="9999", updated_at=LATER)
    store.credentials.update(new, former=credential)
    with pytest.raises(ConflictError) as refused:
        store.credentials.update(replace(credential, name="x"), former=credential)
    assert refused.value.code == "changed-meanwhile"
    assert store.tools.get(organization_id, tool.uuid) == changed
    assert store.credentials.get(organization_id, credential.uuid) == new


def test_a_credential_that_a_tool_just_gives_up_can_be_removed(
    contended_store: Store, store: Store, organization_id: str, credential: Credential
) -> None:
    contended_store.credentials.remove(credential)
    assert store.credentials.list(organization_id) == []


def test_a_credential_stays_while_an_active_tool_names_it(
    store: Store, organization_id: str, credential: Credential
) -> None:
    remove = partial(store.credentials.remove, credential)
    first = make_tool(organization_id, "first", credential)
    second = make_tool(organization_id, "second", credential)
    store.tools.add(first)
    store.tools.add(second)
    store.credentials.update(replace(credential, name="CRM 2", updated_at=LATER), former=credential)
    assert at_once(remove) == ["credential-in-use"]
    store.tools.update(archived(first), former=first)
    assert at_once(remove) == ["credential-in-use"]
    without = replace(second, definition={"credential_uuid": None}, updated_at=LATER)
    store.tools.update(without, former=second)
    assert at_once(remove, remove) == []
    assert store.credentials.list(organization_id) == []


def test_no_tool_becomes_active_without_its_credential(
    store: Store, organization_id: str, credential: Credential
) -> None:
    tool = make_tool(organization_id, "first", credential)
    store.tools.add(tool)
    store.tools.update(archived(tool), former=tool)
    store.credentials.remove(credential)
    for attempt in (
        partial(store.tools.update, replace(tool, updated_at=LATER), former=archived(tool)),
        partial(store.tools.add, make_tool(organization_id, "second", credential)),
    ):
        with pytest.raises(ConflictError) as refused:
            attempt()
        assert refused.value.code == "credential-gone"
    assert store.tools.list(organization_id) == [archived(tool)]


def test_a_credential_and_a_tool_that_names_it_never_miss_each_other(
    store: Store, organization_id: str, credential: Credential
) -> None:
    tool = make_tool(organization_id, "first", credential)
    refused = at_once(partial(store.tools.add, tool), partial(store.credentials.remove, credential))
    assert refused in (["credential-in-use"], ["credential-gone"])
    assert len(store.tools.list(organization_id)) == len(store.credentials.list(organization_id))
