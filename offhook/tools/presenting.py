"""What a request of a tenant's presents to somebody else's service: the header of a credential, its secret in the clear."""

from base64 import b64encode
from dataclasses import dataclass

from offhook.telephony.ports import SecretBox
from offhook.tools.credentials import FIELDS, seal_context
from offhook.tools.model import Credential, CredentialType
from offhook.tools.ports import CredentialRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """The credentials of all organizations, each for its own requests."""

    credentials: CredentialRepository
    secret_box: SecretBox

    def headers(self, organization_id: str, credential_uuid: str | None) -> dict[str, str]:
        """Return the header that presents the credential, none where none is named; never log it.

        Raises NotFoundError for a credential that the organization does not have, InvalidInputError for one that does
        not open. Blocks.
        """
        if not credential_uuid:
            return {}
        credential = self.credentials.get(organization_id, credential_uuid)
        secret = self.secret_box.open(credential.sealed, seal_context(organization_id, credential.uuid))
        return _header(credential, secret)


def _header(credential: Credential, secret: str) -> dict[str, str]:
    shown = FIELDS[credential.type].shown
    public = str(credential.public.get(shown, "")) if shown else ""
    match credential.type:
        case CredentialType.BEARER_TOKEN:
            return {"Authorization": f"Bearer {secret}"}
        case CredentialType.BASIC_AUTH:
            return {"Authorization": f"Basic {b64encode(f'{public}:{secret}'.encode()).decode()}"}
        case CredentialType.API_KEY | CredentialType.CUSTOM_HEADER:
            return {public: secret}
