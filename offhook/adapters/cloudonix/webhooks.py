"""What Cloudonix says of a call in the bodies of its webhooks and CDRs, and who it says it is."""

import hmac
import re
from collections.abc import Mapping

from offhook.adapters.cloudonix.credentials import normalise_domain
from offhook.adapters.cloudonix.statuses import status_of_disposition, status_of_word
from offhook.json_types import json_object
from offhook.runs.carrier.dialect import WebhookExamples
from offhook.runs.carrier.reports import CallAnnouncement, Cdr
from offhook.runs.model import RunStatus
from offhook.telephony.inbound import address_spellings, caller_address

_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"
_ANNOUNCEMENT = {
    "Direction": "inbound",
    "Domain": "acme.cloudonix.net",
    "Session": "sess-0f3b",
    "CallSid": "CA4411",
    "CallStatus": "ringing",
    "From": "+14155550123",
    "To": "+12025550100",
}
EXAMPLES = WebhookExamples(
    announcement={_JSON: _ANNOUNCEMENT, _FORM: _ANNOUNCEMENT},
    status={_JSON: {"status": "ringing"}, _FORM: {"CallStatus": "ringing"}},
    transfer={_JSON: {"status": "noanswer"}, _FORM: {"DialCallStatus": "completed"}},
    cdr={
        _JSON: {
            "domain": "acme.cloudonix.net",
            "session": {"token": "sess-0f3b"},
            "disposition": "NOANSWER",
            "duration": 31,
            "billsec": 0,
        }
    },
)

_MAX_CHARACTERS = 255
_KEY_HEADER = "x-cx-apikey"
_OWN_HEADERS = (_KEY_HEADER, "x-cx-domain", "x-cx-session", "x-cx-source")
_OWN_DOMAIN = ".cloudonix.net"
_STATUS_FIELDS = ("status", "CallStatus")
_TO_US = ("inbound", "subscriber")
# It becomes a segment of an address at the carrier, where dots alone would lead elsewhere.
_SESSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,199}")


def is_from_cloudonix(headers: Mapping[str, str], fields: Mapping[str, object]) -> bool:
    """Say whether a webhook looks like one of Cloudonix."""
    return (
        any(name in headers for name in _OWN_HEADERS)
        or "cloudonix" in headers.get("user-agent", "").lower()
        or ("Domain" in fields and ("SessionData" in fields or "Session" in fields))
        or (_text(fields, "AccountSid") or "").lower().endswith(_OWN_DOMAIN)
    )


def shows_key(headers: Mapping[str, str], key: str) -> bool:
    """Say whether the carrier's own header, or a bearer token, is this key."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else ""
    offered = (headers.get(_KEY_HEADER, ""), bearer)
    return any(hmac.compare_digest(key.encode(), each.encode()) for each in offered)


def read_announcement(fields: Mapping[str, object]) -> CallAnnouncement:
    """Read the body of an inbound webhook."""
    domain = _domain(fields, "Domain") or _domain(fields, "AccountSid")
    session = _first_session(fields.get("Session"), _session_data(fields).get("token"))
    return CallAnnouncement(
        account=domain,
        call_id=session,
        is_for_us=(_text(fields, "Direction") or "").lower() in _TO_US,
        caller_number=caller_address(_text(fields, "From") or ""),
        called_numbers=tuple(address_spellings(_text(fields, "To") or "", sip_host=domain or "")),
        log={
            "account_id": domain,
            "from_country": _text(fields, "FromCountry"),
            "to_country": _text(fields, "ToCountry"),
            "domain": domain,
            "session": session,
        },
    )


def read_status(fields: Mapping[str, object]) -> RunStatus | None:
    """Read the body of a status callback, which names the status as sessions do, or as CXML does."""
    words = (fields.get(name) for name in _STATUS_FIELDS)
    word = next((word for word in words if isinstance(word, str)), None)
    return None if word is None else status_of_word(word)


def read_cdr(fields: Mapping[str, object]) -> Cdr:
    """Read the body of a CDR."""
    session = fields.get("session")
    return Cdr(
        account=_domain(fields, "domain"),
        call_id=_first_session(session.get("token") if isinstance(session, dict) else None),
        status=status_of_disposition(_text(fields, "disposition") or ""),
    )


def _session_data(fields: Mapping[str, object]) -> Mapping[str, object]:
    value = fields.get("SessionData")
    if isinstance(value, str):
        # In a form, an object is its JSON text.
        return json_object(value) or {}
    return value if isinstance(value, dict) else {}


def _first_session(*values: object) -> str | None:
    return next((value for value in values if isinstance(value, str) and _SESSION.fullmatch(value)), None)


def _domain(fields: Mapping[str, object], name: str) -> str | None:
    text = _text(fields, name)
    return None if text is None else normalise_domain(text)


def _text(fields: Mapping[str, object], name: str) -> str | None:
    value = fields.get(name)
    # Some write a number without quotes.
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str):
        return None
    text = text.strip()
    return text if text.isprintable() and 0 < len(text) <= _MAX_CHARACTERS else None
