"""Nobody without the right sees or changes anything: every operation of the OpenAPI document is tried, so none is forgotten."""

import pytest

from offhook.settings import Settings
from tests.support.operations import OPERATIONS
from tests.support.rest import Install, Tenant
from tests.support.tenancy import Belongings, furnish, keys_that_open_nothing, stored_of

pytestmark = [pytest.mark.once, pytest.mark.xdist_group("tenancy")]

WITH_IDS = [name for name, operation in OPERATIONS.items() if "{" in operation.path]
WITHOUT_IDS = [name for name, operation in OPERATIONS.items() if "{" not in operation.path]


@pytest.fixture
def belongings(install: Install, tenant: Tenant) -> Belongings:
    made = furnish(install, tenant)
    install.carrier.reset()
    return made


@pytest.fixture
def stranger(install: Install, organization_id: str) -> Tenant:
    return install.new_tenant(organization_id[::-1])


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_key_that_opens_nothing_opens_nothing(
    install: Install, belongings: Belongings, storage_settings: Settings, name: str
) -> None:
    operation, tenant = OPERATIONS[name], belongings.tenant
    refused = list(keys_that_open_nothing(install, tenant, operation.scope))
    before = stored_of(storage_settings, tenant.organization_id)
    for headers, status in refused:
        reply = operation.send(install, belongings.ids, headers)
        assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json")
    assert stored_of(storage_settings, tenant.organization_id) == before
    assert install.carrier.asked == []


@pytest.mark.parametrize("name", WITH_IDS)
def test_another_organizations_things_do_not_exist(
    install: Install, belongings: Belongings, stranger: Tenant, storage_settings: Settings, name: str
) -> None:
    operation, tenant = OPERATIONS[name], belongings.tenant
    before = stored_of(storage_settings, tenant.organization_id)
    reply = operation.send(install, belongings.ids, stranger.headers)
    # The trigger's own contract tells "not yours" from "not there"; nothing else does.
    assert reply.status_code == (403 if "{trigger_path}" in operation.path else 404), reply.text
    assert stored_of(storage_settings, tenant.organization_id) == before
    assert install.carrier.asked == []


@pytest.mark.parametrize("name", WITHOUT_IDS)
def test_a_stranger_sees_nothing_of_another_organization(
    install: Install, belongings: Belongings, stranger: Tenant, storage_settings: Settings, name: str
) -> None:
    tenant = belongings.tenant
    before = stored_of(storage_settings, tenant.organization_id)
    reply = OPERATIONS[name].send(install, belongings.ids, stranger.headers)
    assert reply.status_code < 500
    assert not [own for own in belongings.own_ids if own in reply.text]
    assert stored_of(storage_settings, tenant.organization_id) == before


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_opens_for_a_key_with_its_scope_alone(
    install: Install, belongings: Belongings, name: str
) -> None:
    operation = OPERATIONS[name]
    headers = install.add_key(belongings.tenant, operation.scope)
    reply = operation.send(install, belongings.ids, headers)
    assert "unauthenticated" not in reply.text
    assert "This API key lacks the scope" not in reply.text
