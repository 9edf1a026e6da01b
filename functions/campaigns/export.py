"""A campaign as a file."""

from typing import Any

from pydantic import Field

from functions.campaigns.documents import CampaignId
from functions.campaigns.services import CampaignsServices
from functions.http.authentication import Caller
from functions.http.routing import Routes, get, post
from functions.http.shown import Shown
from offhook.campaigns.exports import Export, ExportStatus
from offhook.campaigns.ports import CampaignWork
from offhook.documents import examples, parts_of
from offhook.errors import NotFoundError
from offhook.instants import Instant
from offhook.organizations.model import Scope
from offhook.runs.ports import LINK_SECONDS

_EXPORT = "/campaigns/{campaign_id}/export"
_EXAMPLE: dict[str, Any] = {
    "number": 1,
    "status": "done",
    "rows": 2400,
    "size_bytes": 512044,
    "created_at": "2027-03-31T18:00:00.000Z",
    "ended_at": "2027-03-31T18:00:04.100Z",
    "url": "https://media.example.com/export.csv?X-Amz-Signature=…",
}


class ExportDocument(Shown):
    """An export of a campaign."""

    model_config = examples(_EXAMPLE)

    number: int
    status: ExportStatus = Field(
        description="`writing`, `done`, `failed`: nothing was added to it for 15 minutes; `expired`: the file is gone, "
        "a week after it was written."
    )
    rows: int = Field(description="Contacts in it so far.")
    size_bytes: int
    created_at: Instant
    ended_at: Instant | None
    url: str | None = Field(description="Where to fetch the CSV for the next 15 minutes, without a key.")


class ExportRoutes(Routes[CampaignsServices]):
    """Lets an organization have what has become of its contacts."""

    tag = "campaigns"

    @post(_EXPORT, Scope.CAMPAIGNS_READ)
    def export_campaign(self, campaign_id: CampaignId, caller: Caller) -> ExportDocument:
        """Have all contacts written into a CSV file, with what has become of each; while that goes on, show it."""
        services = self._services
        campaign = services.campaigns.get(caller.organization_id, campaign_id)
        export = services.exports.begin(campaign, services.clock())
        services.campaign_queue.send(
            campaign.organization_id, campaign.id, CampaignWork.EXPORT, number=export.number
        )
        return self._shown(export)

    @get(_EXPORT, Scope.CAMPAIGNS_READ)
    def get_export(self, campaign_id: CampaignId, caller: Caller) -> ExportDocument:
        """Show the newest export, with a link to its file once that is there."""
        campaign = self._services.campaigns.get(caller.organization_id, campaign_id)
        export = self._services.exports.newest(campaign.id)
        if export is None:
            raise NotFoundError("This campaign was not exported yet: POST here has it written.")
        return self._shown(export)

    def _shown(self, export: Export) -> ExportDocument:
        services, status = self._services, export.status(self._services.clock())
        url = None
        if status is ExportStatus.DONE:
            name = f"{export.campaign_id}-{export.number}.csv"
            url = services.export_files.link(export.key, seconds=LINK_SECONDS, download_name=name)
        return ExportDocument.model_validate(parts_of(export) | {"status": status, "url": url})
