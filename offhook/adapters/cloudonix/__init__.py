"""Cloudonix: its REST API, its CXML, and its words for calls."""

from offhook.adapters.cloudonix.client import CloudonixClient
from offhook.adapters.cloudonix.dialect import CloudonixDialect
from offhook.settings import Settings

dialect = CloudonixDialect


def connect(settings: Settings) -> CloudonixClient:
    """Return what asks the Cloudonix of these settings."""
    return CloudonixClient(settings.cloudonix_url)
