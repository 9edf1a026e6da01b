"""What the organization function is made of."""

from dataclasses import dataclass, field

from functions.http.pagination import Cursors
from functions.http.services import HttpServices
from offhook.ports import Ports
from offhook.telephony.ports import SecretBox
from offhook.tools.ports import CredentialRepository, ToolRepository
from offhook.tools.usecases import Toolbox


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationServices(HttpServices):
    """Enough for its routes."""

    tools: ToolRepository
    toolbox: Toolbox
    credentials: CredentialRepository
    secret_box: SecretBox
    cursors: Cursors
    install_secret: str = field(repr=False)


def make_services(ports: Ports) -> OrganizationServices:
    """Compose them."""
    store = ports.store
    return OrganizationServices(
        organizations=store.organizations,
        idempotency=store.idempotency,
        clock=ports.clock,
        tools=store.tools,
        toolbox=Toolbox(tools=store.tools, credentials=store.credentials, addresses=ports.addresses),
        credentials=store.credentials,
        secret_box=ports.secret_box,
        cursors=Cursors(ports.settings.install_secret),
        install_secret=ports.settings.install_secret,
    )
