"""What the organization function is given."""

from dataclasses import dataclass, field

from functions.http.pagination import Cursors
from functions.http.services import HttpServices
from offhook.telephony.ports import SecretBox
from offhook.tools.ports import CredentialRepository, ToolRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationServices(HttpServices):
    """Enough for its routes."""

    tools: ToolRepository
    credentials: CredentialRepository
    secret_box: SecretBox
    cursors: Cursors
    install_secret: str = field(repr=False)
