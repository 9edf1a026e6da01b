"""What the carrier says of a call in the bodies of its webhooks and CDRs, and who it says it is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from functions.telephony.callback_body import read_json_fields
from offhook.errors import InvalidInputError
from offhook.runs.model import CarrierCall
from offhook.telephony.model import TelephonyConfiguration, normalise_cloudonix_domain

_MAX_CHARACTERS = 255
_KEY_HEADER = "x-cx-apikey"
_OWN_HEADERS = (_KEY_HEADER, "x-cx-domain", "x-cx-session", "x-cx-source")
_OWN_DOMAIN = ".cloudonix.net"
# It becomes a segment of an address at the carrier, where dots alone would lead elsewhere.
_SESSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,199}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnnouncement:
    """A call that comes in, as the carrier tells it; what it does not say, or not in a form of ours, is None."""

    cloudonix_domain: str | None
    session: str | None
    direction: str | None
    caller: str | None
    called: str | None
    from_country: str | None
    to_country: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cdr:
    """The carrier's record of a call that is over; what it does not say is None."""

    cloudonix_domain: str | None
    session: str | None
    disposition: str | None


def is_from_cloudonix(headers: Mapping[str, str], fields: Mapping[str, object]) -> bool:
    """Say whether a webhook looks like one of Cloudonix; that it is one must be proved in another way."""
    return (
        any(name in headers for name in _OWN_HEADERS)
        or "cloudonix" in headers.get("user-agent", "").lower()
        or ("Domain" in fields and ("SessionData" in fields or "Session" in fields))
        or (_text(fields, "AccountSid") or "").lower().endswith(_OWN_DOMAIN)
    )


def offered_keys(headers: Mapping[str, str]) -> list[str]:
    """Return what a request shows for the webhook key: the carrier's own header, and a bearer token."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else ""
    return [key for key in (headers.get(_KEY_HEADER), bearer) if key]


def read_announcement(fields: Mapping[str, object]) -> CallAnnouncement:
    """Read the body of an inbound webhook."""
    direction = _text(fields, "Direction")
    return CallAnnouncement(
        cloudonix_domain=_domain(fields, "Domain") or _domain(fields, "AccountSid"),
        session=_first_session(fields.get("Session"), _session_data(fields).get("token")),
        direction=direction and direction.lower(),
        caller=_text(fields, "From"),
        called=_text(fields, "To"),
        from_country=_text(fields, "FromCountry"),
        to_country=_text(fields, "ToCountry"),
    )


def read_cdr(fields: Mapping[str, object]) -> Cdr:
    """Read the body of a CDR."""
    session = fields.get("session")
    return Cdr(
        cloudonix_domain=_domain(fields, "domain"),
        session=_first_session(session.get("token") if isinstance(session, dict) else None),
        disposition=_text(fields, "disposition"),
    )


def carrier_call(configuration: TelephonyConfiguration, session: str) -> CarrierCall:
    """Return the call of this session in the configuration's own domain and organization."""
    return CarrierCall(
        organization_id=configuration.organization_id,
        cloudonix_domain=configuration.cloudonix_domain,
        session=session,
    )


def _session_data(fields: Mapping[str, object]) -> Mapping[str, object]:
    value = fields.get("SessionData")
    if isinstance(value, str):
        # In a form, an object is its JSON text.
        try:
            return read_json_fields(value.encode())
        except InvalidInputError:
            return {}
    return value if isinstance(value, dict) else {}


def _first_session(*values: object) -> str | None:
    return next((value for value in values if isinstance(value, str) and _SESSION.fullmatch(value)), None)


def _domain(fields: Mapping[str, object], name: str) -> str | None:
    text = _text(fields, name)
    return None if text is None else normalise_cloudonix_domain(text)


def _text(fields: Mapping[str, object], name: str) -> str | None:
    value = fields.get(name)
    # Some write a number without quotes.
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str):
        return None
    text = text.strip()
    return text if text.isprintable() and 0 < len(text) <= _MAX_CHARACTERS else None
