"""What the address of an Agent Stream asks for: which form it is, which agent, whose credentials, which call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote

from offhook.errors import EngineError, ForbiddenError, InvalidInputError
from offhook.telephony.model import Provider, normalise_cloudonix_domain
from offhook.telephony.ports import CarrierAccount

_WITHOUT_AGENT_STREAM = frozenset({"twilio", "plivo", "telnyx", "vonage", "ari"})
# What the edge has moved out of the address, so that no log on the way holds it.
_MOVED = {"api_key": "x-offhook-api-key", "session": "x-offhook-session"}


class Form(StrEnum):
    """The three published ways to name a call."""

    INLINE = "a"
    """An API key authorises; the carrier's token comes along, or the stored configuration of `Domain` is used."""
    DOMAIN = "b"
    """The agent's UUID is the secret; the stored configuration is found by `Domain`."""
    PROVIDER = "c"
    """As `DOMAIN`, with the provider in the path, and everything else in the `start` message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRequest:
    """An Agent Stream's address, read. Texts are None where the address has none."""

    form: Form
    agent_uuid: str
    provider: str | None
    api_key: str | None = field(default=None, repr=False)
    bearer_token: str | None = field(default=None, repr=False)
    account_sid: str | None = None
    domain: str | None = None
    call_sid: str | None = None
    call_id: str | None = None
    caller: str | None = None
    called: str | None = None

    @property
    def recorded_call_id(self) -> str | None:
        """The id that the run's record keeps: `callId`, else `CallSid`."""
        return self.call_id or self.call_sid

    @property
    def inline_account(self) -> CarrierAccount | None:
        """The credentials that the address brings along; never stored, never logged."""
        if self.bearer_token is None or self.account_sid is None:
            return None
        domain = normalise_cloudonix_domain(self.account_sid)
        return CarrierAccount(cloudonix_domain=domain, bearer_token=self.bearer_token)


def read_stream_request(
    agent_uuid: str, provider: str | None, query: str, headers: Mapping[str, str]
) -> StreamRequest:
    """Read an address; `provider` is the path's, None in an address of one segment. Header names are lower case."""
    given = _parameters(query)
    given |= {name: headers[header] for name, header in _MOVED.items() if headers.get(header)}
    if provider is not None:
        return StreamRequest(form=Form.PROVIDER, agent_uuid=agent_uuid, provider=provider)
    return StreamRequest(
        form=Form.INLINE if "api_key" in given else Form.DOMAIN,
        agent_uuid=agent_uuid,
        provider=given.get("provider"),
        api_key=given.get("api_key"),
        bearer_token=given.get("session") if "api_key" in given else None,
        account_sid=given.get("AccountSid"),
        domain=given.get("Domain"),
        call_sid=given.get("CallSid"),
        call_id=given.get("callId"),
        caller=given.get("from"),
        called=given.get("to"),
    )


def check_provider(request: StreamRequest) -> None:
    """Raise ForbiddenError (1008) for a missing or unknown provider, EngineError (1011) for one without this endpoint."""
    if request.provider == Provider.CLOUDONIX:
        return
    if request.provider in _WITHOUT_AGENT_STREAM:
        raise EngineError(
            f"Agent Stream is not available for {request.provider}; use cloudonix.",
            engine="agent-stream",
            retryable=False,
        )
    if request.provider is None:
        raise ForbiddenError("Missing provider: add provider=cloudonix.", code="provider-missing")
    raise ForbiddenError("Unknown provider: use cloudonix.", code="provider-unknown")


def check_credentials(request: StreamRequest) -> None:
    """Raise InvalidInputError (4400) unless the address names what its form needs to reach the carrier."""
    if request.form is Form.DOMAIN and request.domain is None:
        raise InvalidInputError("Missing Domain query param", code="domain-missing")
    if request.form is not Form.INLINE or (request.domain and not request.bearer_token):
        return
    for name, value in (
        ("session", request.bearer_token),
        ("AccountSid", request.account_sid),
        ("CallSid", request.call_sid),
    ):
        if value is None:
            raise InvalidInputError(f"Missing {name} query param", code="parameter-missing")


def _parameters(query: str) -> dict[str, str]:
    """Split a query, the first of equal names counting; a raw `+` is a plus, as telephone numbers are written."""
    found: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if value:
            found.setdefault(unquote(name), unquote(value))
    return found
