"""What the address of an Agent Stream asks for: which form it is, which provider, which agent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from offhook.errors import EngineError, ForbiddenError
from offhook.runs.carrier.dialect import Dialects
from offhook.runs.carrier.streams import StreamDialect, StreamForm

_WITHOUT_AGENT_STREAM = frozenset({"twilio", "plivo", "telnyx", "vonage", "ari"})
# What the edge has moved out of the address, so that no log on the way holds it: as it stood there, percent-encoded.
_MOVED = {"api_key": "x-offhook-api-key", "session": "x-offhook-session"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRequest:
    """An Agent Stream's address, read: who asks for which agent, in which form; the provider's dialect reads the rest."""

    form: StreamForm
    agent_uuid: str
    provider: str | None
    api_key: str | None = field(default=None, repr=False)
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)


def read_stream_request(
    agent_uuid: str, provider: str | None, query: str, headers: Mapping[str, str]
) -> StreamRequest:
    """Read an address; `provider` is the path's, None in an address of one segment. Header names are lower case."""
    given = _parameters(query)
    given |= {name: unquote(headers[header]) for name, header in _MOVED.items() if headers.get(header)}
    if provider is not None:
        return StreamRequest(form=StreamForm.PROVIDER, agent_uuid=agent_uuid, provider=provider)
    return StreamRequest(
        form=StreamForm.INLINE if "api_key" in given else StreamForm.ACCOUNT,
        agent_uuid=agent_uuid,
        provider=given.get("provider"),
        api_key=given.get("api_key"),
        parameters=given,
    )


def stream_dialect(request: StreamRequest, dialects: Dialects) -> StreamDialect:
    """Return what reads the request's calls.

    Raises ForbiddenError (1008) for a missing or unknown provider, EngineError (1011) for one without this endpoint.
    """
    known = {dialect.provider: dialect.streams for dialect in dialects}
    usable = " or ".join(provider for provider, streams in known.items() if streams)
    if streams := known.get(request.provider or ""):
        return streams
    if request.provider in known.keys() | _WITHOUT_AGENT_STREAM:
        raise EngineError(
            f"Agent Stream is not available for {request.provider}; use {usable}.",
            engine="agent-stream",
            retryable=False,
        )
    if request.provider is None:
        raise ForbiddenError(f"Missing provider: add provider={usable}.", code="provider-missing")
    raise ForbiddenError(f"Unknown provider: use {usable}.", code="provider-unknown")


def _parameters(query: str) -> dict[str, str]:
    """Split a query, the first of equal names counting; a raw `+` is a plus, as telephone numbers are written."""
    found: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if value:
            found.setdefault(unquote(name), unquote(value))
    return found
