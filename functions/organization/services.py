"""What the organization function is given."""

from dataclasses import dataclass, field

from functions.http.pagination import Cursors
from functions.http.services import HttpServices
from offhook.addresses import AddressPolicy
from offhook.telephony.ports import SecretBox
from offhook.tools.ports import CredentialRepository, ToolRepository
from offhook.tools.usecases import Toolbox


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationServices(HttpServices):
    """Enough for its routes."""

    tools: ToolRepository
    credentials: CredentialRepository
    secret_box: SecretBox
    addresses: AddressPolicy
    cursors: Cursors
    install_secret: str = field(repr=False)

    @property
    def toolbox(self) -> Toolbox:
        """What makes and changes tools."""
        return Toolbox(tools=self.tools, credentials=self.credentials, addresses=self.addresses)
