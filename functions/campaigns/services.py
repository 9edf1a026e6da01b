"""What the campaigns function is made of."""

from dataclasses import dataclass

from functions.http.services import HttpServices, http_parts
from offhook.campaigns.editing import CampaignEditor
from offhook.campaigns.ports import Campaigns, Contacts
from offhook.ports import Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignsServices(HttpServices):
    """Enough for its routes."""

    campaigns: Campaigns
    contacts: Contacts
    editor: CampaignEditor


def make_services(ports: Ports) -> CampaignsServices:
    """Compose them."""
    store = ports.store
    return CampaignsServices(
        **http_parts(ports),
        campaigns=store.campaigns,
        contacts=store.contacts,
        editor=CampaignEditor(
            campaigns=store.campaigns,
            agents=store.agents,
            telephony=store.telephony,
            addresses=ports.addresses,
        ),
    )
