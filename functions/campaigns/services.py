"""What the campaigns function is made of."""

from dataclasses import dataclass

from functions.http.services import HttpServices, http_parts
from offhook.campaigns.editing import CampaignEditor
from offhook.campaigns.exports import ExportFiles, Exports
from offhook.campaigns.listing import ContactList
from offhook.campaigns.ports import CampaignQueue, Campaigns, Contacts
from offhook.campaigns.progress import ProgressReader
from offhook.campaigns.receiving import ContactIntake
from offhook.campaigns.removing import CampaignRemover
from offhook.campaigns.steering import CampaignSteering
from offhook.ports import Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignsServices(HttpServices):
    """Enough for its routes."""

    campaigns: Campaigns
    contacts: Contacts
    exports: Exports
    export_files: ExportFiles
    campaign_queue: CampaignQueue
    contact_list: ContactList
    intake: ContactIntake
    editor: CampaignEditor
    steering: CampaignSteering
    progress: ProgressReader
    remover: CampaignRemover


def make_services(ports: Ports) -> CampaignsServices:
    """Compose them."""
    store = ports.store
    editor = CampaignEditor(
        campaigns=store.campaigns, agents=store.agents, telephony=store.telephony, addresses=ports.addresses
    )
    return CampaignsServices(
        **http_parts(ports),
        campaigns=store.campaigns,
        contacts=store.contacts,
        exports=store.exports,
        export_files=ports.export_files,
        campaign_queue=ports.campaign_queue,
        contact_list=ContactList(contacts=store.contacts, attempts=store.attempts),
        intake=ContactIntake(
            contacts=store.contacts,
            files=ports.contact_files,
            queue=ports.campaign_queue,
            importer=ports.importer,
            clock=ports.clock,
        ),
        editor=editor,
        steering=CampaignSteering(
            campaigns=editor,
            contacts=store.contacts,
            agents=store.agents,
            wakes=store.wakes,
            queue=ports.campaign_queue,
            audit=store.audit,
        ),
        progress=ProgressReader(
            contacts=store.contacts, attempts=store.attempts, ledgers=store.ledgers, runs=store.runs
        ),
        remover=ports.campaign_remover,
    )
