"""The bodies of the routes of contacts, and the public forms of uploads, imports and contacts."""

from typing import Annotated, Any

from fastapi import Path
from pydantic import Field, JsonValue

from functions.http.secrets import MintedReply
from functions.http.shown import Page, Shown
from offhook.campaigns.listing import ListedContact, Standing
from offhook.campaigns.model import ImportStatus
from offhook.campaigns.receiving import MOST_CONTACTS_A_BODY, MOST_FILE_BYTES, Upload
from offhook.documents import GivenDocument, examples
from offhook.instants import Instant

_UPLOAD_ID = "7d0c7b5e-2f0a-4c57-9a57-0d7f4a1c9e33"
_CONTACT: dict[str, Any] = {
    "phone_number": "+14155550100",
    "time_zone": "America/Los_Angeles",
    "initial_context": {"first_name": "Ada", "appointment": "Tuesday at nine"},
}
_IMPORT: dict[str, Any] = {
    "number": 1,
    "status": "done",
    "rows": 30,
    "contacts": 28,
    "faults": 1,
    "duplicates": 1,
    "failure": None,
    "created_at": "2027-03-01T09:00:00.000Z",
    "ended_at": "2027-03-01T09:00:01.000Z",
}

ImportNumber = Annotated[int, Path(ge=1, le=999_999, description="`number` of the import.", examples=[1])]

_Column = Annotated[str, Field(min_length=1, max_length=100)]


class NewContact(GivenDocument):
    """Somebody to call."""

    phone_number: Annotated[str, Field(min_length=1, max_length=256)] = Field(
        description="As people write it; one without a country is of the campaign's `default_country`."
    )
    time_zone: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(
        default=None,
        description="Where the contact is, such as `Europe/Paris`; without it the number tells that.",
    )
    initial_context: dict[str, JsonValue] = Field(
        default_factory=dict, description="What the agent is told about them."
    )


class NewContacts(GivenDocument):
    """People to call. A number that can't be called is a fault of its row, and the others are taken."""

    model_config = examples({"contacts": [_CONTACT]})

    contacts: list[NewContact] = Field(min_length=1, max_length=MOST_CONTACTS_A_BODY)


class NewUpload(GivenDocument):
    """A CSV file that is to be sent."""

    model_config = examples({"size_bytes": 48_213})

    size_bytes: int = Field(ge=1, le=MOST_FILE_BYTES, description="As large as the file is, to the byte.")


class UploadDocument(MintedReply):
    """Where the file goes: send it with this method and these headers, as it is, before the URL expires."""

    model_config = examples(
        {
            "upload_id": _UPLOAD_ID,
            "method": "PUT",
            "url": "https://media.s3.amazonaws.com/uploads/…?X-Amz-Signature=…",
            "headers": {"Content-Length": "48213", "Content-Type": "text/csv"},
            "expires_at": "2027-03-01T10:00:00.000Z",
        }
    )

    upload_id: str
    method: str
    url: str
    headers: dict[str, str]
    expires_at: Instant

    @classmethod
    def of(cls, upload: Upload) -> "UploadDocument":
        """Show an upload."""
        return cls(
            upload_id=upload.id,
            method="PUT",
            url=upload.url,
            headers={"Content-Length": str(upload.size_bytes), "Content-Type": "text/csv"},
            expires_at=upload.expires_at,
        )


class NewImport(GivenDocument):
    """A file that was sent, and what its columns are called where the usual names are not in it."""

    model_config = examples({"upload_id": _UPLOAD_ID})

    upload_id: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
    number_column: _Column | None = Field(
        default=None,
        description="The column of the numbers; else `phone_number`, `phone`, `number`, `telephone`, `tel`, `mobile` or `to`.",
    )
    zone_column: _Column | None = Field(
        default=None, description="The column of the zones; else `time_zone`, `timezone`, `zone` or `tz`."
    )


class ImportDocument(Shown):
    """The reading of one file or body; the counts are of what is read so far."""

    model_config = examples(_IMPORT)

    number: int
    status: ImportStatus
    rows: int
    contacts: int
    faults: int = Field(description="Rows that are no contact; the list of faults says why.")
    duplicates: int = Field(
        description="Rows with the number of a row before; they are in the list of faults."
    )
    failure: str | None = Field(description="Why the file as a whole could not be read.")
    created_at: Instant
    ended_at: Instant | None


class ImportList(Page[ImportDocument]):
    """Imports, newest first."""


class FaultDocument(Shown):
    """A row that gave no contact."""

    model_config = examples({"row": 17, "reason": "This number is too short for its country."})

    row: int = Field(description="From 1, the row of the names not counted.")
    reason: str


class FaultList(Page[FaultDocument]):
    """Faults, in the order of the file."""


class ContactDocument(Shown):
    """Somebody to call, and what has become of that."""

    model_config = examples(
        {
            "id": "000001-000000007",
            **_CONTACT,
            "country": "US",
            "status": "done",
            "disposition": "confirmed",
            "due_at": None,
            "workflow_run_ids": [12_345_678_901_234],
        }
    )

    id: str = Field(description="The number of the import and the row in it.")
    phone_number: str
    country: str = Field(description="ISO 3166, as the number tells it.")
    time_zone: str = Field(
        description="The zone; several, with commas between, where the contact may be in any of them."
    )
    initial_context: dict[str, JsonValue]
    status: Standing = Field(
        description="`new` until the first call; `canceled` if it was still to be called when the campaign ended; "
        "`duplicate` where an import before had the same number."
    )
    disposition: str | None = Field(description="Of the last call that is over.")
    due_at: Instant | None = Field(description="When the next call is due, for a contact that is `waiting`.")
    workflow_run_ids: list[int] = Field(description="The calls so far, oldest first.")

    @classmethod
    def of(cls, listed: ListedContact) -> "ContactDocument":
        """Show a contact."""
        contact, state = listed.contact, listed.state
        return cls(
            id=contact.id,
            phone_number=contact.number,
            country=contact.country,
            time_zone=contact.zone,
            initial_context=contact.context,
            status=listed.standing,
            disposition=state.disposition if state else None,
            due_at=state.due_at if state and listed.standing is Standing.WAITING else None,
            workflow_run_ids=list(state.run_ids) if state else [],
        )


class ContactPage(Page[ContactDocument]):
    """Contacts of one country and zone after the other, and in each as they were imported."""
