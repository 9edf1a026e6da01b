"""Signature version 4 as the services check it: of a request's headers, of a presigned address, of each event.

Written from the published description, not with the SDK's signer, so that a fault of one is not excused by the other.
"""

import hashlib
import hmac
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import parse_qsl, quote

from local.aws.speech import event_stream
from local.aws.speech.event_stream import Message
from local.aws.speech.refusals import RefusalError, bad_request, bad_signature

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
STREAMING_EVENTS = "STREAMING-AWS4-HMAC-SHA256-EVENTS"

KEY_ID_VARIABLE, SECRET_VARIABLE = "LOCAL_SPEECH_KEY_ID", "LOCAL_SPEECH_SECRET"
"""What the account of a server in a process of its own has for keys, where that is not the usual."""

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/(\d{8})/([^/,\s]+)/([^/,\s]+)/aws4_request,\s*"
    r"SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})"
)
_CREDENTIAL = re.compile(r"([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request")
_TIME = "%Y%m%dT%H%M%SZ"
_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who may call: the one pair of keys that the server knows."""

    access_key_id: str = "local"
    secret_access_key: str = "local"  # noqa: S105 - of no account but the one on this machine

    @classmethod
    def of_environment(cls) -> "Account":
        """Return the account of a server in a process of its own."""
        usual = cls()
        return cls(
            access_key_id=os.environ.get(KEY_ID_VARIABLE, usual.access_key_id),
            secret_access_key=os.environ.get(SECRET_VARIABLE, usual.secret_access_key),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """What is signed of a request; names of headers are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a signing key is good for, and the signature that the first event's is chained to."""

    region: str
    service: str
    seed: bytes


def check_request(request: HttpRequest, account: Account, *, service: str, now: datetime) -> Scope:
    """Check the `Authorization` header; raise RefusalError."""
    found = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    if found is None:
        raise RefusalError("MissingAuthenticationTokenException", "Missing Authentication Token", status=403)
    key_id, date, region, signed_service, names, signature = found.groups()
    _check_key(key_id, account, signed_service, service)
    time = _time(request.headers.get("x-amz-date", ""), date)
    if abs(now - time) > _SKEW:
        raise RefusalError("InvalidSignatureException", "Signature expired.", status=403)
    canonical = _canonical(request, names, request.query, _payload_hash(request))
    _compare(signature, _signature(account, time, region, service, canonical))
    return Scope(region=region, service=service, seed=bytes.fromhex(signature))


def check_presigned(request: HttpRequest, account: Account, *, service: str, now: datetime) -> Scope:
    """Check an address that carries its own signature; raise RefusalError."""
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    found = _CREDENTIAL.fullmatch(query.get("X-Amz-Credential", ""))
    if found is None or query.get("X-Amz-Algorithm") != "AWS4-HMAC-SHA256":
        raise RefusalError("MissingAuthenticationTokenException", "Missing Authentication Token", status=403)
    key_id, date, region, signed_service = found.groups()
    _check_key(key_id, account, signed_service, service)
    time = _time(query.get("X-Amz-Date", ""), date)
    _check_expiry(query.get("X-Amz-Expires", ""), time, now)
    rest = "&".join(part for part in request.query.split("&") if not part.startswith("X-Amz-Signature="))
    canonical = _canonical(request, query.get("X-Amz-SignedHeaders", ""), rest, EMPTY_SHA256)
    expected = _signature(account, time, region, service, canonical)
    _compare(query.get("X-Amz-Signature", ""), expected)
    return Scope(region=region, service=service, seed=bytes.fromhex(expected))


class EventChain:
    """Checks the events of one stream, each of whose signatures holds the one before."""

    def __init__(self, scope: Scope, account: Account) -> None:
        self._scope = scope
        self._account = account
        self._previous = scope.seed

    def check(self, message: Message, now: datetime) -> None:
        """Raise RefusalError unless the event was signed now, by the account, as the next one."""
        signature, date = message.headers.get(":chunk-signature"), message.headers.get(":date")
        if not isinstance(signature, bytes) or not isinstance(date, int):
            raise bad_request("The event is not signed.")
        time = datetime.fromtimestamp(date // 1000, UTC)
        if abs(now - time) > _SKEW:
            raise bad_request("Signature expired: the event was signed more than 5 minutes ago.")
        expected = self._sign(time, event_stream.encode_date(date), message.payload)
        if not hmac.compare_digest(signature, expected):
            raise bad_request(str(bad_signature()))
        self._previous = signature

    def _sign(self, time: datetime, headers: bytes, payload: bytes) -> bytes:
        region, service = self._scope.region, self._scope.service
        hashed = f"{hashlib.sha256(headers).hexdigest()}\n{hashlib.sha256(payload).hexdigest()}"
        scope = _scope(time, region, service)
        text = f"AWS4-HMAC-SHA256-PAYLOAD\n{time.strftime(_TIME)}\n{scope}\n{self._previous.hex()}\n{hashed}"
        return bytes.fromhex(_sign(self._account, time, region, service, text))


def _check_key(key_id: str, account: Account, signed_service: str, service: str) -> None:
    if key_id != account.access_key_id:
        raise RefusalError(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            status=403,
        )
    if signed_service != service:
        raise RefusalError(
            "InvalidSignatureException",
            f"Credential should be scoped to correct service: '{service}'.",
            status=403,
        )


def _check_expiry(seconds: str, time: datetime, now: datetime) -> None:
    lasts = int(seconds) if seconds.isdecimal() else 0
    if not 1 <= lasts <= 604_800 or not time - _SKEW <= now <= time + timedelta(seconds=lasts):
        raise RefusalError("InvalidSignatureException", "Signature expired.", status=403)


def _time(text: str, date: str) -> datetime:
    try:
        time = datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    except ValueError as error:
        raise bad_signature() from error
    if time.strftime("%Y%m%d") != date:
        raise bad_signature()
    return time


def _payload_hash(request: HttpRequest) -> str:
    told = request.headers.get("x-amz-content-sha256", "")
    if told == STREAMING_EVENTS:
        return told
    actual = hashlib.sha256(request.body).hexdigest()
    if told not in ("", actual):
        raise bad_signature()
    return actual


def _canonical(request: HttpRequest, names: str, query: str, payload_hash: str) -> str:
    signed = names.split(";")
    if "host" not in signed or any(name not in request.headers for name in signed):
        raise bad_signature()
    return "\n".join(
        (
            request.method,
            quote(request.path, safe="/-_.~"),
            _canonical_query(parse_qsl(query, keep_blank_values=True)),
            *(f"{name}:{' '.join(request.headers[name].split())}" for name in signed),
            "",
            names,
            payload_hash,
        )
    )


def _canonical_query(pairs: Iterable[tuple[str, str]]) -> str:
    encoded = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in pairs)
    return "&".join(f"{name}={value}" for name, value in encoded)


def _signature(account: Account, time: datetime, region: str, service: str, canonical: str) -> str:
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{time.strftime(_TIME)}\n{_scope(time, region, service)}\n{hashed}"
    return _sign(account, time, region, service, text)


def _scope(time: datetime, region: str, service: str) -> str:
    return f"{time:%Y%m%d}/{region}/{service}/aws4_request"


def _sign(account: Account, time: datetime, region: str, service: str, text: str) -> str:
    key = _key(account.secret_access_key, f"{time:%Y%m%d}", region, service)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=64)
def _key(secret: str, date: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _compare(told: str, expected: str) -> None:
    if not hmac.compare_digest(told.encode(), expected.encode()):
        raise bad_signature()
