"""Cloudonix: its REST API, its CXML, and its words for calls."""

from offhook.adapters.cloudonix.client import CloudonixClient
from offhook.adapters.cloudonix.dialect import CloudonixDialect
from offhook.settings import Settings
from offhook.telephony.pace import RequestPace

dialect = CloudonixDialect
pace = RequestPace(requests=10, window_seconds=10)


def connect(settings: Settings) -> CloudonixClient:
    """Return what asks the Cloudonix of these settings."""
    return CloudonixClient(settings.cloudonix_url)
