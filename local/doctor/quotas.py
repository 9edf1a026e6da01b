"""What the account may use at once, as far as it can be read: a new one has little of it."""

from collections.abc import Iterator

from local.doctor.clients import Clients
from local.doctor.finding import Finding, ill, well
from local.doctor.looking import UnwellError, looking

LEAST_FUNCTIONS = 100
"""Concurrent executions; new accounts have ten, which a handful of callers and their carrier's callbacks use up."""

LEAST_STREAMS = 25
"""Streams of Transcribe, one a call: what new accounts have, and one streamer takes unless `max_calls` says otherwise."""

_RAISE = "ask for more (docs/operations.md, Quotas)"


def look_at_quotas(clients: Clients, _settings: object = None) -> Iterator[Finding]:
    """Compare both with what a busy install needs; what can't be read is said, and is no fault."""
    yield _quota("functions", LEAST_FUNCTIONS, _functions(clients), "concurrent executions of functions")
    yield _quota("streams", LEAST_STREAMS, _streams(clients), "concurrent streams of Transcribe")


def _quota(subject: str, least: int, found: int | None, what: str) -> Finding:
    if found is None:
        return well(
            subject, f"the quota of {what} can't be read from here; the console's Service Quotas shows it"
        )
    if found < least:
        return ill(
            subject, f"the account may have {found} {what}, and an install needs {least} at least: {_RAISE}"
        )
    return well(subject, f"{found} {what}")


def _functions(clients: Clients) -> int | None:
    try:
        with looking():
            return int(clients.of("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"])
    except UnwellError:
        return None


def _streams(clients: Clients) -> int | None:
    try:
        with looking():
            pages = clients.of("service-quotas").get_paginator("list_service_quotas")
            for page in pages.paginate(ServiceCode="transcribe"):
                for quota in page["Quotas"]:
                    if "concurrent" in (name := quota["QuotaName"].lower()) and "stream" in name:
                        return int(quota["Value"])
    except UnwellError:
        return None
    return None
