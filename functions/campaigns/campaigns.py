"""Making, editing and removing campaigns."""

from functools import partial
from http import HTTPStatus

from functions.campaigns.documents import (
    CampaignChanges,
    CampaignDocument,
    CampaignId,
    CampaignList,
    NewCampaign,
    campaign_document,
)
from functions.campaigns.services import CampaignsServices
from functions.http.authentication import Caller
from functions.http.idempotency import NewThing
from functions.http.pagination import Paged
from functions.http.routing import Routes, get, patch, post, put
from offhook.campaigns.editing import Change
from offhook.campaigns.model import CampaignStatus
from offhook.ids import new_campaign_id
from offhook.organizations.model import ApiKey, Scope

_ONE = "/campaigns/{campaign_id}"


class CampaignRoutes(Routes[CampaignsServices]):
    """Lets an organization make and edit its campaigns."""

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

    @post("/campaigns", Scope.CAMPAIGNS_WRITE, status=HTTPStatus.CREATED, new_id=new_campaign_id)
    def create_campaign(self, body: NewCampaign, caller: Caller, intent: NewThing) -> CampaignDocument:
        """Make a campaign, as a draft that calls nobody yet."""
        services, organization_id = self._services, caller.organization_id
        made = intent.made_before(partial(services.campaigns.get, organization_id))
        campaign = made or services.editor.create(
            body.made(organization_id, intent.resource_id, caller.id, services.clock())
        )
        return campaign_document(campaign)

    @get(_ONE, Scope.CAMPAIGNS_READ)
    def get_campaign(self, campaign_id: CampaignId, caller: Caller) -> CampaignDocument:
        """Show a campaign."""
        return campaign_document(self._services.campaigns.get(caller.organization_id, campaign_id))

    @put(_ONE, Scope.CAMPAIGNS_WRITE, problems=[HTTPStatus.CONFLICT])
    def replace_campaign(
        self, campaign_id: CampaignId, body: NewCampaign, caller: Caller
    ) -> CampaignDocument:
        """Say anew what a campaign is, as a whole; what is left out is as by default."""
        return self._edit(caller, campaign_id, body.applied_to)

    @patch(_ONE, Scope.CAMPAIGNS_WRITE, problems=[HTTPStatus.CONFLICT])
    def edit_campaign(
        self, campaign_id: CampaignId, body: CampaignChanges, caller: Caller
    ) -> CampaignDocument:
        """Change parts of a campaign, also of one that runs: it holds from the next call on."""
        return self._edit(caller, campaign_id, body.applied_to)

    def _edit(self, caller: ApiKey, campaign_id: str, change: Change) -> CampaignDocument:
        services = self._services
        edited = services.editor.edit(caller.organization_id, campaign_id, change, services.clock())
        return campaign_document(edited)
