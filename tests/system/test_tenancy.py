"""Nobody without the right sees or changes anything: every operation of the OpenAPI document is tried, so none is forgotten."""

from collections.abc import Callable, Iterator

import pytest

from offhook.adapters.dynamodb.store import connect
from offhook.adapters.s3.media import S3Media
from offhook.organizations.model import Scope
from offhook.settings import Settings
from tests.support.aws import with_tables_of_its_own
from tests.support.operations import OPERATIONS
from tests.support.rest import Install, Tenant, started_install
from tests.support.tenancy import Belongings, furnish, keys_that_open_nothing, stored_of

WITH_IDS = [name for name, operation in OPERATIONS.items() if "{" in operation.path]
WITHOUT_IDS = [name for name, operation in OPERATIONS.items() if "{" not in operation.path]


@pytest.fixture(scope="module")
def own_settings(storage_settings: Settings) -> Settings:
    return with_tables_of_its_own(storage_settings)


@pytest.fixture(scope="module")
def running_install(
    own_settings: Settings, media: S3Media, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Install]:
    folder = tmp_path_factory.mktemp("tenancy")
    with started_install(connect(own_settings), media, own_settings, folder) as install:
        yield install


@pytest.fixture(scope="module")
def belongings(running_install: Install) -> Belongings:
    """Return what nobody changes: each test here sees to that."""
    return furnish(running_install, running_install.new_tenant("untouched"))


@pytest.fixture(scope="module")
def worn(running_install: Install) -> Belongings:
    """Return what each test may change or delete, the one before too."""
    return furnish(running_install, running_install.new_tenant("worn"))


@pytest.fixture(scope="module")
def stranger(running_install: Install) -> Tenant:
    return running_install.new_tenant("stranger")


@pytest.fixture(scope="module")
def refused(
    running_install: Install, belongings: Belongings
) -> dict[Scope | None, list[tuple[dict[str, str], int]]]:
    """Return headers that open no operation of a scope, each with the status that it deserves."""
    tenant = belongings.tenant
    return {scope: list(keys_that_open_nothing(running_install, tenant, scope)) for scope in (None, *Scope)}


@pytest.fixture
def nothing_changed(
    install: Install,
    belongings: Belongings,
    refused: dict[Scope | None, list[tuple[dict[str, str], int]]],
    own_settings: Settings,
) -> Callable[[], None]:
    """Hold what is stored of the untouched, their keys that open nothing too, against what was before the test."""
    organization_id = belongings.tenant.organization_id
    before = stored_of(own_settings, organization_id)
    assert before

    def check() -> None:
        assert stored_of(own_settings, organization_id) == before
        assert install.carrier.asked == []

    return check


def test_a_key_that_opens_nothing_opens_nothing(
    install: Install,
    belongings: Belongings,
    refused: dict[Scope | None, list[tuple[dict[str, str], int]]],
    nothing_changed: Callable[[], None],
) -> None:
    for name, operation in OPERATIONS.items():
        for headers, status in refused[operation.scope]:
            reply = operation.send(install, belongings.ids, headers)
            told = (reply.status_code, reply.headers["content-type"])
            assert told == (status, "application/problem+json"), name
    nothing_changed()


def test_another_organizations_things_do_not_exist(
    install: Install, belongings: Belongings, stranger: Tenant, nothing_changed: Callable[[], None]
) -> None:
    for operation in (OPERATIONS[name] for name in WITH_IDS):
        reply = operation.send(install, belongings.ids, stranger.headers)
        # The trigger's own contract tells "not yours" from "not there"; nothing else does.
        status = 403 if "{trigger_path}" in operation.path else 404
        assert reply.status_code == status, (operation, reply.text)
    nothing_changed()


def test_a_stranger_sees_nothing_of_another_organization(
    install: Install, belongings: Belongings, stranger: Tenant, nothing_changed: Callable[[], None]
) -> None:
    for operation in (OPERATIONS[name] for name in WITHOUT_IDS):
        reply = operation.send(install, belongings.ids, stranger.headers)
        assert reply.status_code < 500, operation
        assert not [own for own in belongings.own_ids if own in reply.text], operation
    nothing_changed()


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_opens_for_a_key_with_its_scope_alone(
    install: Install, worn: Belongings, name: str
) -> None:
    operation = OPERATIONS[name]
    headers = install.add_key(worn.tenant, operation.scope or Scope.RUNS_READ)
    reply = operation.send(install, worn.ids, headers)
    assert "unauthenticated" not in reply.text
    assert "This API key lacks the scope" not in reply.text
