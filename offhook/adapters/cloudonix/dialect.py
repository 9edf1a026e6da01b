"""How Cloudonix speaks."""

from offhook.adapters.cloudonix import cxml, transfers, webhooks


class CloudonixDialect:
    """Implements Dialect."""

    provider = "cloudonix"
    language = "CXML"
    media_type = cxml.MEDIA_TYPE
    examples = webhooks.EXAMPLES

    write = staticmethod(cxml.write_cxml)
    recognises = staticmethod(webhooks.is_from_cloudonix)
    shows_key = staticmethod(webhooks.shows_key)
    read_announcement = staticmethod(webhooks.read_announcement)
    read_status = staticmethod(webhooks.read_status)
    read_transfer = staticmethod(transfers.read_transfer)
    read_cdr = staticmethod(webhooks.read_cdr)
