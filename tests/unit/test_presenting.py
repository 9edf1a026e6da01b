"""What each kind of credential presents, and that nobody presents another's."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from offhook.errors import InvalidInputError, NotFoundError
from offhook.tools.model import Credential, CredentialType
from offhook.tools.presenting import Wallet
from tests.support.makers import NOON


@dataclass(slots=True)
class OneCredential:
    """Stores one credential, for its organization alone."""

    credential: Credential

    def get(self, organization_id: str, credential_uuid: str) -> Credential:
        if (organization_id, credential_uuid) != (self.credential.organization_id, self.credential.uuid):
            raise NotFoundError("There is no credential with this id in your organization.")
        return self.credential


@dataclass(slots=True)
class OpenBox:
    """Opens what is bound to this context."""

    context: dict[str, str] = field(default_factory=lambda: {"organization": "acme", "credential": "c1"})

    def open(self, sealed: str, context: Mapping[str, str]) -> str:
        if context != self.context:
            raise InvalidInputError("The secret was sealed for something else.")
        return sealed.removeprefix("sealed-")


def wallet(type_: CredentialType, **public: str) -> Wallet:
    credential = Credential(
        uuid="c1",
        organization_id="acme",
        name="CRM",
        type=type_,
        public={**public},
        sealed="sealed-s3cret",
        hint="",
        created_at=NOON,
        updated_at=NOON,
    )
    return Wallet(credentials=OneCredential(credential), secret_box=OpenBox())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("made", "headers"),
    [
        (wallet(CredentialType.BEARER_TOKEN), {"Authorization": "Bearer s3cret"}),
        (wallet(CredentialType.BASIC_AUTH, username="Jané"), {"Authorization": "Basic SmFuw6k6czNjcmV0"}),
        (wallet(CredentialType.API_KEY, header_name="X-API-Key"), {"X-API-Key": "s3cret"}),
        (wallet(CredentialType.CUSTOM_HEADER, header_name="X-Shop"), {"X-Shop": "s3cret"}),
    ],
)
def test_each_kind_is_presented_in_its_own_header(made: Wallet, headers: dict[str, str]) -> None:
    assert made.headers("acme", "c1") == headers


def test_without_a_credential_nothing_is_presented() -> None:
    assert wallet(CredentialType.BEARER_TOKEN).headers("acme", "") == {}


def test_nobody_presents_another_organizations_credential() -> None:
    with pytest.raises(NotFoundError):
        wallet(CredentialType.BEARER_TOKEN).headers("globex", "c1")
