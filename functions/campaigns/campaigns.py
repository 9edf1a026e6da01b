"""Making, editing and steering campaigns, and how far they are."""

from functools import partial
from http import HTTPStatus

from fastapi import Response

from functions.campaigns.documents import (
    CampaignChanges,
    CampaignDocument,
    CampaignId,
    CampaignList,
    NewCampaign,
    ProgressDocument,
    campaign_document,
    progress_document,
)
from functions.campaigns.services import CampaignsServices
from functions.http.authentication import Caller
from functions.http.idempotency.idempotency import NewThing
from functions.http.pagination import Paged
from functions.http.preconditions import Edit, Editing, Expected, tag
from functions.http.routing import Routes, delete, get, patch, post, put
from offhook.campaigns.editing import Change
from offhook.campaigns.model import Campaign, CampaignStatus
from offhook.campaigns.steering import Turn
from offhook.ids import new_campaign_id
from offhook.organizations.model import Scope

_ONE = "/campaigns/{campaign_id}"
_STALE = (HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED)
_STEERED = (HTTPStatus.BAD_REQUEST, *_STALE)


class CampaignRoutes(Routes[CampaignsServices]):
    """Lets an organization make, edit, steer, watch and remove its campaigns."""

    tag = "campaigns"

    @get("/campaigns", Scope.CAMPAIGNS_READ)
    def list_campaigns(
        self, caller: Caller, paging: Paged, status: CampaignStatus | None = None
    ) -> CampaignList:
        """List campaigns, newest first."""
        services, this_list = self._services, ("campaigns", caller.organization_id, status)
        after = services.cursors.read(paging.cursor, of=this_list)
        found, following = services.campaigns.list(
            caller.organization_id, limit=paging.limit, after=after, status=status
        )
        return CampaignList(
            items=[campaign_document(campaign) for campaign in found],
            next_cursor=services.cursors.write(following, of=this_list),
        )

    @post(
        "/campaigns",
        Scope.CAMPAIGNS_WRITE,
        status=HTTPStatus.CREATED,
        has_etag=True,
        new_id=new_campaign_id,
    )
    def create_campaign(
        self, body: NewCampaign, caller: Caller, intent: NewThing, response: Response
    ) -> CampaignDocument:
        """Make a campaign, as a draft that calls nobody yet."""
        services, organization_id = self._services, caller.organization_id
        made = intent.made_before(partial(services.campaigns.get, organization_id))
        campaign = made or services.editor.create(
            body.made(organization_id, intent.resource_id, caller.id, services.clock())
        )
        return _show(campaign, response)

    @get(_ONE, Scope.CAMPAIGNS_READ, has_etag=True)
    def get_campaign(self, campaign_id: CampaignId, caller: Caller, response: Response) -> CampaignDocument:
        """Show a campaign."""
        return _show(self._services.campaigns.get(caller.organization_id, campaign_id), response)

    @put(_ONE, Scope.CAMPAIGNS_WRITE, problems=_STALE, has_etag=True)
    def replace_campaign(self, campaign_id: CampaignId, body: NewCampaign, edit: Editing) -> CampaignDocument:
        """Say anew what a campaign is, as a whole; what is left out is as by default."""
        return self._edit(campaign_id, body.applied_to, edit)

    @patch(_ONE, Scope.CAMPAIGNS_WRITE, problems=_STALE, has_etag=True)
    def edit_campaign(
        self, campaign_id: CampaignId, body: CampaignChanges, edit: Editing
    ) -> CampaignDocument:
        """Change parts of a campaign, also of one that runs: it holds from the next call on."""
        return self._edit(campaign_id, body.applied_to, edit)

    @delete(_ONE, Scope.CAMPAIGNS_WRITE, status=HTTPStatus.NO_CONTENT, problems=_STALE)
    def delete_campaign(self, campaign_id: CampaignId, caller: Caller, expected: Expected) -> None:
        """Remove a campaign that was never started or is over, with its contacts; its runs stay."""
        self._services.remover.remove(
            caller.organization_id, campaign_id, key_id=caller.id, expected=expected
        )

    @post(f"{_ONE}/start", Scope.CAMPAIGNS_WRITE, problems=_STEERED, has_etag=True)
    def start_campaign(self, campaign_id: CampaignId, edit: Editing) -> CampaignDocument:
        """Have a campaign call its contacts, with the agent's version that is published now."""
        return _show(self._services.steering.start(self._turn(campaign_id, edit)), edit.response)

    @post(f"{_ONE}/pause", Scope.CAMPAIGNS_WRITE, problems=_STEERED, has_etag=True)
    def pause_campaign(self, campaign_id: CampaignId, edit: Editing) -> CampaignDocument:
        """Have a campaign begin no call any more; those under way go on."""
        return _show(self._services.steering.pause(self._turn(campaign_id, edit)), edit.response)

    @post(f"{_ONE}/resume", Scope.CAMPAIGNS_WRITE, problems=_STEERED, has_etag=True)
    def resume_campaign(self, campaign_id: CampaignId, edit: Editing) -> CampaignDocument:
        """Have a paused campaign call on."""
        return _show(self._services.steering.resume(self._turn(campaign_id, edit)), edit.response)

    @post(f"{_ONE}/cancel", Scope.CAMPAIGNS_WRITE, problems=_STEERED, has_etag=True)
    def cancel_campaign(self, campaign_id: CampaignId, edit: Editing) -> CampaignDocument:
        """Have a campaign begin no call any more, for good; those under way go on."""
        return _show(self._services.steering.cancel(self._turn(campaign_id, edit)), edit.response)

    @get(f"{_ONE}/progress", Scope.CAMPAIGNS_READ)
    def get_campaign_progress(self, campaign_id: CampaignId, caller: Caller) -> ProgressDocument:
        """Show how far a campaign has come."""
        services = self._services
        campaign = services.campaigns.get(caller.organization_id, campaign_id)
        return progress_document(services.progress.read(campaign, services.clock()))

    def _turn(self, campaign_id: str, edit: Edit) -> Turn:
        return Turn(
            organization_id=edit.caller.organization_id,
            campaign_id=campaign_id,
            key_id=edit.caller.id,
            now=self._services.clock(),
            expected=edit.expected,
        )

    def _edit(self, campaign_id: str, change: Change, edit: Edit) -> CampaignDocument:
        services, organization_id = self._services, edit.caller.organization_id
        edited = services.editor.edit(organization_id, campaign_id, change, services.clock(), edit.expected)
        if edited.status is CampaignStatus.RUNNING:
            services.steering.feed(edited)
        return _show(edited, edit.response)


def _show(campaign: Campaign, response: Response) -> CampaignDocument:
    tag(response, campaign.revision)
    return campaign_document(campaign)
