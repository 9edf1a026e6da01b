"""What the organization function is made of."""

from dataclasses import dataclass, field

from functions.http.services import HttpServices, http_parts
from offhook.donotcall.ports import DoNotCallList
from offhook.knowledge.usecases import DocumentShelf
from offhook.organizations.audit import AuditLog
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
    do_not_call: DoNotCallList
    audit: AuditLog
    documents: DocumentShelf
    install_secret: str = field(repr=False)


def make_services(ports: Ports) -> OrganizationServices:
    """Compose them."""
    store = ports.store
    return OrganizationServices(
        **http_parts(ports),
        tools=store.tools,
        toolbox=Toolbox(tools=store.tools, credentials=store.credentials, addresses=ports.addresses),
        credentials=store.credentials,
        secret_box=ports.secret_box,
        do_not_call=store.do_not_call,
        audit=store.audit,
        documents=DocumentShelf(documents=store.knowledge, media=ports.media),
        install_secret=ports.install_secret.current,
    )
