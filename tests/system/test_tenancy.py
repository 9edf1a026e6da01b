"""Nobody without the right sees or changes anything: every operation of the OpenAPI document is tried, so none is forgotten."""

from collections.abc import Iterator

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


@pytest.fixture(scope="module")
def stored(
    belongings: Belongings,
    refused: dict[Scope | None, list[tuple[dict[str, str], int]]],
    own_settings: Settings,
) -> dict[str, str]:
    """Return what is stored of the untouched, their keys that open nothing too: no test here may change any of it."""
    return stored_of(own_settings, belongings.tenant.organization_id)


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_key_that_opens_nothing_opens_nothing(
    install: Install,
    belongings: Belongings,
    refused: dict[Scope | None, list[tuple[dict[str, str], int]]],
    own_settings: Settings,
    stored: dict[str, str],
    name: str,
) -> None:
    operation, tenant = OPERATIONS[name], belongings.tenant
    for headers, status in refused[operation.scope]:
        reply = operation.send(install, belongings.ids, headers)
        assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json")
    assert stored_of(own_settings, tenant.organization_id) == stored
    assert install.carrier.asked == []


@pytest.mark.parametrize("name", WITH_IDS)
def test_another_organizations_things_do_not_exist(
    install: Install,
    belongings: Belongings,
    stranger: Tenant,
    own_settings: Settings,
    stored: dict[str, str],
    name: str,
) -> None:
    operation, tenant = OPERATIONS[name], belongings.tenant
    reply = operation.send(install, belongings.ids, stranger.headers)
    # The trigger's own contract tells "not yours" from "not there"; nothing else does.
    assert reply.status_code == (403 if "{trigger_path}" in operation.path else 404), reply.text
    assert stored_of(own_settings, tenant.organization_id) == stored
    assert install.carrier.asked == []


@pytest.mark.parametrize("name", WITHOUT_IDS)
def test_a_stranger_sees_nothing_of_another_organization(
    install: Install,
    belongings: Belongings,
    stranger: Tenant,
    own_settings: Settings,
    stored: dict[str, str],
    name: str,
) -> None:
    tenant = belongings.tenant
    reply = OPERATIONS[name].send(install, belongings.ids, stranger.headers)
    assert reply.status_code < 500
    assert not [own for own in belongings.own_ids if own in reply.text]
    assert stored_of(own_settings, tenant.organization_id) == stored


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_opens_for_a_key_with_its_scope_alone(
    install: Install, worn: Belongings, name: str
) -> None:
    operation = OPERATIONS[name]
    headers = install.add_key(worn.tenant, operation.scope or Scope.RUNS_READ)
    reply = operation.send(install, worn.ids, headers)
    assert "unauthenticated" not in reply.text
    assert "This API key lacks the scope" not in reply.text
