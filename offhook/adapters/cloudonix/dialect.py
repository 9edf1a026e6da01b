"""How Cloudonix speaks."""

from offhook.adapters.cloudonix import cxml, transfers, webhooks
from offhook.adapters.cloudonix.agent_streams import CloudonixStreams
from offhook.adapters.cloudonix.credentials import CREDENTIALS, PROVIDER
from offhook.runs.carrier.streams import StreamDialect


class CloudonixDialect:
    """Implements Dialect."""

    provider = PROVIDER
    language = "CXML"
    media_type = cxml.MEDIA_TYPE
    credentials = CREDENTIALS
    examples = webhooks.EXAMPLES
    streams: StreamDialect | None = CloudonixStreams()

    write = staticmethod(cxml.write_cxml)
    recognises = staticmethod(webhooks.is_from_cloudonix)
    shows_key = staticmethod(webhooks.shows_key)
    read_announcement = staticmethod(webhooks.read_announcement)
    read_status = staticmethod(webhooks.read_status)
    read_transfer = staticmethod(transfers.read_transfer)
    read_cdr = staticmethod(webhooks.read_cdr)
