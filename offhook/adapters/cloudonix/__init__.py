"""Cloudonix: its REST API, its CXML, and its words for calls."""

from typing import TYPE_CHECKING

from offhook.adapters.cloudonix.dialect import CloudonixDialect
from offhook.settings import Settings
from offhook.telephony.pace import RequestPace

if TYPE_CHECKING:
    from offhook.adapters.cloudonix.client import CloudonixClient

dialect = CloudonixDialect
pace = RequestPace(requests=10, window_seconds=10)


def connect(settings: Settings) -> "CloudonixClient":
    """Return what asks the Cloudonix of these settings."""
    # Imported by whoever makes requests: its HTTP client is dear to import.
    from offhook.adapters.cloudonix.client import CloudonixClient

    return CloudonixClient(settings.cloudonix_url)
