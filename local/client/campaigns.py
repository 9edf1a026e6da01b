"""What a command does with campaigns over the REST API: contacts brought in from a file, a campaign followed, one exported."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

import httpx
from pydantic import TypeAdapter

from local.client.rest import InstallClient
from offhook.campaigns.model import CampaignStatus
from offhook.errors import OffhookError
from offhook.json_types import JsonObject

_PAUSE_S = 0.5
# A campaign outlives a restart of its install: who follows it waits that long for an answer.
_PATIENCE_S = 120.0
# What asking again does not mend.
_LASTING = ("not-found", "unauthenticated", "forbidden", "scope-required")
_FAULTS_SHOWN = 10
_CHUNK_BYTES = 1 << 20
_TRANSFER_LIMIT = httpx.Timeout(60, connect=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A campaign's progress as the REST API tells it."""

    status: CampaignStatus
    paused_reason: str | None
    contacts: int
    new: int
    waiting: int
    canceled: int
    dialling: int
    talking: int
    duplicates: int
    done: dict[str, int]
    attempts: int
    cost_usd: float
    call_seconds: int
    estimated_end_at: datetime | None

    @classmethod
    def read(cls, document: JsonObject) -> "Progress":
        """Read the answer of `/campaigns/{id}/progress`."""
        return _PROGRESS.validate_python(document)

    @property
    def over(self) -> int:
        """Contacts of which nothing more comes."""
        return sum(self.done.values()) + self.duplicates + self.canceled


_PROGRESS = TypeAdapter(Progress)


def newest(client: InstallClient) -> str:
    """Return the id of the campaign that was made last; raise OffhookError where there is none."""
    items = client.items("/campaigns", {"limit": 1})
    if not items:
        raise OffhookError("There is no campaign yet: offhook campaign run FILE makes one.")
    return str(items[0]["id"])


def bring_in(client: InstallClient, campaign_id: str, file: Path) -> JsonObject:
    """Upload a CSV file and have its contacts read; return the import once that is over."""
    base = f"/campaigns/{campaign_id}"
    upload = client.post(f"{base}/uploads", {"size_bytes": file.stat().st_size})
    _put(upload, file, uses_proxy=client.uses_proxy)
    begun = client.post(f"{base}/imports", {"upload_id": upload["upload_id"]})
    path = f"{base}/imports/{begun['number']}"
    return _until(lambda: client.get(path), lambda found: found["status"] != "reading")


def faults_of(client: InstallClient, campaign_id: str, import_: JsonObject) -> list[str]:
    """Tell the first rows of an import that are no contacts, and how many more there are."""
    count = cast("int", import_["faults"])
    if not count:
        return []
    path = f"/campaigns/{campaign_id}/imports/{import_['number']}/faults"
    faults = client.items(path, {"limit": _FAULTS_SHOWN})
    told = [f"  row {fault['row']}: {fault['reason']}" for fault in faults]
    return [*told, f"  and {count - len(told)} more rows"] if count > len(told) else told


def progress_of(client: InstallClient, campaign_id: str) -> JsonObject:
    """Return a campaign's progress."""
    return client.get(f"/campaigns/{campaign_id}/progress")


def follow(client: InstallClient, campaign_id: str) -> Iterator[Progress]:
    """Yield how far a campaign is, once a second where the install is near, until it does nothing more by itself.

    An install that does not answer for a while is asked again.
    """
    pause_s = 3.0 if client.uses_proxy else 1.0
    failing_since: float | None = None
    while True:
        try:
            progress = Progress.read(progress_of(client, campaign_id))
        except OffhookError as error:
            failing_since = failing_since or time.monotonic()
            if error.code in _LASTING or time.monotonic() - failing_since > _PATIENCE_S:
                raise
        else:
            failing_since = None
            yield progress
            if progress.status is not CampaignStatus.RUNNING:
                return
        time.sleep(pause_s)


def export(client: InstallClient, campaign_id: str, to: Path) -> JsonObject:
    """Have a campaign written as CSV and save it there; return what the install tells of it."""
    path = f"/campaigns/{campaign_id}/export"
    client.post(path, {})
    made = _until(lambda: client.get(path), lambda found: found["status"] != "writing")
    if made["status"] != "done":
        raise OffhookError(
            "The export was not written: try again, and look at `offhook doctor` if that stays so."
        )
    _fetch(str(made["url"]), to, uses_proxy=client.uses_proxy)
    return made


def _until(ask: Callable[[], JsonObject], is_over: Callable[[JsonObject], bool]) -> JsonObject:
    while not is_over(found := ask()):
        time.sleep(_PAUSE_S)
    return found


def _put(upload: JsonObject, file: Path, *, uses_proxy: bool) -> None:
    headers = cast("dict[str, str]", upload["headers"])
    try:
        with file.open("rb") as content:
            reply = httpx.put(
                str(upload["url"]),
                content=content,
                headers=headers,
                timeout=_TRANSFER_LIMIT,
                trust_env=uses_proxy,
            )
    except httpx.HTTPError as error:
        raise OffhookError("The file could not be uploaded: the connection broke; try again.") from error
    if not reply.is_success:
        raise OffhookError(
            f"The file could not be uploaded: the store answered {reply.status_code}; try again."
        )


def _fetch(url: str, to: Path, *, uses_proxy: bool) -> None:
    part = to.with_name(f"{to.name}.part")
    try:
        with (
            httpx.stream("GET", url, timeout=_TRANSFER_LIMIT, trust_env=uses_proxy) as reply,
            part.open("wb") as file,
        ):
            reply.raise_for_status()
            for chunk in reply.iter_bytes(_CHUNK_BYTES):
                file.write(chunk)
        part.replace(to)
    except httpx.HTTPError as error:
        raise OffhookError("The export could not be fetched: the connection broke; try again.") from error
    except OSError as error:
        raise OffhookError(f"{to} can't be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            part.unlink()
