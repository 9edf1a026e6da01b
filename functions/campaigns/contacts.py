"""Sending contacts to a campaign, and seeing what has become of them."""

from functools import partial
from http import HTTPStatus

from functions.campaigns.contact_documents import (
    ContactDocument,
    ContactPage,
    FaultDocument,
    FaultList,
    ImportDocument,
    ImportList,
    ImportNumber,
    NewContacts,
    NewImport,
    NewUpload,
    UploadDocument,
)
from functions.campaigns.documents import CampaignId
from functions.campaigns.services import CampaignsServices
from functions.http.authentication import Caller
from functions.http.idempotency.idempotency import NewThing, some_uuid
from functions.http.pagination import Paged, fitting
from functions.http.routing import Routes, get, post
from offhook.campaigns.listing import Position, Standing
from offhook.campaigns.model import Campaign
from offhook.organizations.model import ApiKey, Scope

_CAMPAIGN = "/campaigns/{campaign_id}"
_IMPORT = f"{_CAMPAIGN}/imports/{{import_number}}"


class ContactRoutes(Routes[CampaignsServices]):
    """Takes contacts in, and lists them."""

    tag = "campaigns"

    @get(f"{_CAMPAIGN}/contacts", Scope.CAMPAIGNS_READ)
    def list_contacts(
        self, campaign_id: CampaignId, caller: Caller, paging: Paged, status: Standing | None = None
    ) -> ContactPage:
        """List contacts with what has become of them.

        With `status` a page may be short or empty although more follow: `next_cursor` is null only at the end.
        """
        services, campaign = self._services, self._campaign(caller, campaign_id)
        this_list = ("contacts", campaign.organization_id, campaign.id, status)
        after = services.cursors.read(paging.cursor, of=this_list)
        found, following = services.contact_list.page(
            campaign, status, limit=paging.limit, after=Position.read(after) if after else None
        )
        shown = fitting([ContactDocument.of(listed) for listed in found])
        if len(shown) < len(found):
            following = found[len(shown)].position
        return ContactPage(
            items=shown,
            next_cursor=services.cursors.write(str(following) if following else None, of=this_list),
        )

    @post(f"{_CAMPAIGN}/contacts", Scope.CAMPAIGNS_WRITE, status=HTTPStatus.CREATED, new_id=some_uuid)
    def add_contacts(
        self, campaign_id: CampaignId, body: NewContacts, caller: Caller, intent: NewThing
    ) -> ImportDocument:
        """Add people to call; the reply says how many of them are contacts, and the list of faults why others are not."""
        campaign = self._campaign(caller, campaign_id)
        intake = self._services.intake
        made = intent.made_before(partial(intake.body_taken, campaign))
        rows = [contact.model_dump(exclude_none=True) for contact in body.contacts]
        return ImportDocument.model_validate(made or intake.take_body(campaign, intent.resource_id, rows))

    @post(f"{_CAMPAIGN}/uploads", Scope.CAMPAIGNS_WRITE, status=HTTPStatus.CREATED, new_id=some_uuid)
    def create_upload(
        self, campaign_id: CampaignId, body: NewUpload, caller: Caller, intent: NewThing
    ) -> UploadDocument:
        """Get a URL to send a CSV file of contacts to, up to a million rows; then have it imported."""
        campaign = self._campaign(caller, campaign_id)
        return UploadDocument.of(
            self._services.intake.offer_upload(campaign, intent.resource_id, body.size_bytes)
        )

    @post(f"{_CAMPAIGN}/imports", Scope.CAMPAIGNS_WRITE, status=HTTPStatus.ACCEPTED, new_id=some_uuid)
    def create_import(self, campaign_id: CampaignId, body: NewImport, caller: Caller) -> ImportDocument:
        """Have a file read that was sent to the URL of an upload; doing it again is harmless."""
        campaign = self._campaign(caller, campaign_id)
        begun = self._services.intake.take_file(
            campaign, body.upload_id, number_column=body.number_column, zone_column=body.zone_column
        )
        return ImportDocument.model_validate(begun)

    @get(f"{_CAMPAIGN}/imports", Scope.CAMPAIGNS_READ)
    def list_imports(self, campaign_id: CampaignId, caller: Caller, paging: Paged) -> ImportList:
        """List imports, newest first."""
        services, campaign = self._services, self._campaign(caller, campaign_id)
        this_list = ("imports", campaign.organization_id, campaign.id)
        before = services.cursors.read(paging.cursor, of=this_list)
        found = services.contacts.list_imports(
            campaign.id, limit=paging.limit, before=int(before) if before else None
        )
        following = str(found[-1].number) if found and found[-1].number > 1 else None
        return ImportList(
            items=[ImportDocument.model_validate(each) for each in found],
            next_cursor=services.cursors.write(
                following if len(found) == paging.limit else None, of=this_list
            ),
        )

    @get(_IMPORT, Scope.CAMPAIGNS_READ)
    def get_import(
        self, campaign_id: CampaignId, import_number: ImportNumber, caller: Caller
    ) -> ImportDocument:
        """Show an import, and how far it is."""
        campaign = self._campaign(caller, campaign_id)
        return ImportDocument.model_validate(self._services.contacts.get_import(campaign.id, import_number))

    @get(f"{_IMPORT}/faults", Scope.CAMPAIGNS_READ)
    def list_import_faults(
        self, campaign_id: CampaignId, import_number: ImportNumber, caller: Caller, paging: Paged
    ) -> FaultList:
        """List the rows of an import that gave no contact, and why."""
        services, campaign = self._services, self._campaign(caller, campaign_id)
        services.contacts.get_import(campaign.id, import_number)
        this_list = ("faults", campaign.organization_id, campaign.id, import_number)
        after_row = int(services.cursors.read(paging.cursor, of=this_list) or 0)
        found = services.contacts.faults(
            campaign.id, import_number, after_row=after_row, limit=paging.limit + 1
        )
        items, more = found[: paging.limit], found[paging.limit :]
        return FaultList(
            items=[FaultDocument.model_validate(fault) for fault in items],
            next_cursor=services.cursors.write(str(items[-1].row) if more else None, of=this_list),
        )

    def _campaign(self, caller: ApiKey, campaign_id: str) -> Campaign:
        return self._services.campaigns.get(caller.organization_id, campaign_id)
