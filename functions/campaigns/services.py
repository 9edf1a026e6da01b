"""What the campaigns function is made of."""

from dataclasses import dataclass

from functions.http.services import HttpServices, http_parts
from offhook.campaigns.editing import CampaignEditor
from offhook.campaigns.exports import ExportFiles, Exports
from offhook.campaigns.ports import CampaignQueue, Campaigns, Contacts
from offhook.ports import Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignsServices(HttpServices):
    """Enough for its routes."""

    campaigns: Campaigns
    contacts: Contacts
    exports: Exports
    export_files: ExportFiles
    campaign_queue: CampaignQueue
    editor: CampaignEditor


def make_services(ports: Ports) -> CampaignsServices:
    """Compose them."""
    store = ports.store
    return CampaignsServices(
        **http_parts(ports),
        campaigns=store.campaigns,
        contacts=store.contacts,
        exports=store.exports,
        export_files=ports.export_files,
        campaign_queue=ports.campaign_queue,
        editor=CampaignEditor(
            campaigns=store.campaigns,
            agents=store.agents,
            telephony=store.telephony,
            addresses=ports.addresses,
        ),
    )
