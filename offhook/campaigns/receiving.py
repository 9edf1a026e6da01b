"""Taking in contacts: what is sent, whether a body or a file, lies in the bucket first, so that no stop loses it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from offhook.campaigns.importing import Importer
from offhook.campaigns.model import Campaign, Import, Source
from offhook.campaigns.ports import CampaignQueue, CampaignWork, ContactFiles, Contacts
from offhook.clock import Clock
from offhook.errors import ConflictError, InvalidInputError, NotFoundError
from offhook.json_types import JsonObject

MOST_FILE_BYTES = 268_435_456
MOST_CONTACTS_A_BODY = 1_000
UPLOAD_TIME = timedelta(hours=1)

# A body is read before it is answered, unless the store is that slow.
_PATIENCE = timedelta(seconds=10)
# When the feeder goes on with a body whose request was cut off.
_SECOND_TRY_SECONDS = 30
# Among how many imports that of a request is looked for which comes again.
_LATEST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """Where a file of contacts goes: so many bytes are to be PUT to `url`, until it expires."""

    id: str
    url: str
    size_bytes: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactIntake:
    """Takes contacts of a campaign that is not over."""

    contacts: Contacts
    files: ContactFiles
    queue: CampaignQueue
    importer: Importer
    clock: Clock

    def offer_upload(self, campaign: Campaign, upload_id: str, size_bytes: int) -> Upload:
        """Return where a file of this size may be sent."""
        _check_open(campaign)
        seconds = int(UPLOAD_TIME.total_seconds())
        url = self.files.link(_file_key(campaign, upload_id), size_bytes=size_bytes, seconds=seconds)
        expires_at = self.clock() + UPLOAD_TIME
        return Upload(id=upload_id, url=url, size_bytes=size_bytes, expires_at=expires_at)

    def take_file(
        self,
        campaign: Campaign,
        upload_id: str,
        *,
        number_column: str | None = None,
        zone_column: str | None = None,
    ) -> Import:
        """Begin to read a file that was uploaded; the same again is the same import.

        Raises InvalidInputError where there is none, or one that is too large, and ConflictError as `begin_import`.
        """
        key = _file_key(campaign, upload_id)
        try:
            found = self.files.find(key)
        except NotFoundError as error:
            raise InvalidInputError.at("upload_id", msg=error.detail) from error
        if found.size_bytes > MOST_FILE_BYTES:
            raise InvalidInputError.at(
                "upload_id", msg=f"A file has {MOST_FILE_BYTES:,} bytes at most: divide it."
            )
        source = Source(
            key=key,
            tag=found.tag,
            default_country=campaign.default_country,
            number_column=number_column,
            zone_column=zone_column,
        )
        return self._begin(campaign, source)

    def take_body(self, campaign: Campaign, body_id: str, rows: Sequence[JsonObject]) -> Import:
        """Read contacts that a body lists, and return the import as it stands then; raise ConflictError as `begin_import`."""
        _check_open(campaign)
        key = _body_key(campaign, body_id)
        tag = self.files.put(key, json.dumps(rows, ensure_ascii=False).encode())
        source = Source(key=key, tag=tag, default_country=campaign.default_country)
        begun = self._begin(campaign, source, delay_seconds=_SECOND_TRY_SECONDS)
        return self._read(campaign, begun)

    def body_taken(self, campaign: Campaign, body_id: str) -> Import:
        """Return the import of a body that was taken just now, by a request that was not answered; raise NotFoundError."""
        key = _body_key(campaign, body_id)
        for import_ in self.contacts.list_imports(campaign.id, limit=_LATEST):
            if import_.source.key == key:
                return self._read(campaign, import_)
        raise NotFoundError("These contacts were not taken before.")

    def _read(self, campaign: Campaign, begun: Import) -> Import:
        until = self.clock() + _PATIENCE
        self.importer.go_on(campaign.organization_id, campaign.id, begun.number, until)
        return self.contacts.get_import(campaign.id, begun.number)

    def _begin(self, campaign: Campaign, source: Source, *, delay_seconds: int = 0) -> Import:
        try:
            begun = self.contacts.begin_import(campaign, source, self.clock())
        except ConflictError:
            if campaign.importing is not None:
                # In case that it stands still since its message was lost.
                self._have_read(campaign, campaign.importing)
            raise
        self._have_read(campaign, begun.number, delay_seconds)
        return begun

    def _have_read(self, campaign: Campaign, number: int, delay_seconds: int = 0) -> None:
        self.queue.send(
            campaign.organization_id,
            campaign.id,
            CampaignWork.IMPORT,
            number=number,
            delay_seconds=delay_seconds,
        )


def uploads_prefix(organization_id: str) -> str:
    """Return what the keys of all files begin with that an organization has sent."""
    # A prefix of its own, since a bucket's rules of expiry know only how keys begin.
    return f"uploads/{organization_id}/"


def _prefix(campaign: Campaign) -> str:
    return f"{uploads_prefix(campaign.organization_id)}{campaign.id}/"


def _body_key(campaign: Campaign, body_id: str) -> str:
    return f"{_prefix(campaign)}{body_id}.json"


def _file_key(campaign: Campaign, upload_id: str) -> str:
    return f"{_prefix(campaign)}{upload_id}.csv"


def _check_open(campaign: Campaign) -> None:
    if campaign.status.is_final:
        raise ConflictError("The campaign is over: nobody can be added any more.", code="campaign-over")
