"""Making and changing credentials: one secret each, sealed, and shown as a mask."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from offhook.errors import FieldProblem, InvalidInputError
from offhook.headers import is_name, is_reserved, is_value
from offhook.json_types import JsonObject
from offhook.telephony.ports import SecretBox
from offhook.telephony.secrets import hint_of, mask
from offhook.tools.model import Credential, CredentialType
from offhook.tools.ports import CredentialRepository

MAX_SECRET_CHARACTERS = 1024

# RFC 7617: a user name ends at the first colon.
_USER_NAME = re.compile(r"[^\x00-\x1f\x7f:]{1,256}")
_PASSWORD = re.compile(r"[^\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialFields:
    """Which fields the credentials of a type have: one secret, and at most one that is none, with its default."""

    hidden: str
    shown: str | None = None
    default: str | None = None


FIELDS: Mapping[CredentialType, CredentialFields] = {
    CredentialType.API_KEY: CredentialFields(hidden="api_key", shown="header_name", default="X-API-Key"),
    CredentialType.BEARER_TOKEN: CredentialFields(hidden="token"),
    CredentialType.BASIC_AUTH: CredentialFields(hidden="password", shown="username"),
    CredentialType.CUSTOM_HEADER: CredentialFields(hidden="header_value", shown="header_name"),
}


def add_credential(
    credentials: CredentialRepository,
    secret_box: SecretBox,
    organization_id: str,
    credential_uuid: str,
    *,
    name: str,
    type_: CredentialType,
    given: Mapping[str, str],
    now: datetime,
) -> Credential:
    """Store a new credential of the fields that were given; raise InvalidInputError that names each wrong one."""
    fields = FIELDS[type_]
    completed = {**({fields.shown: fields.default} if fields.shown and fields.default else {}), **given}
    _check(type_, completed, {fields.hidden, fields.shown} - {None})
    secret = completed[fields.hidden]
    credential = Credential(
        uuid=credential_uuid,
        organization_id=organization_id,
        name=name,
        type=type_,
        public=_public(fields, completed),
        sealed=secret_box.seal(secret, seal_context(organization_id, credential_uuid)),
        hint=hint_of(secret),
        created_at=now,
        updated_at=now,
    )
    credentials.add(credential)
    return credential


def change_credential(
    credentials: CredentialRepository,
    secret_box: SecretBox,
    former: Credential,
    *,
    name: str,
    given: Mapping[str, str],
    now: datetime,
) -> Credential:
    """Store the fields that were given; a secret that is sent back as it was shown stays as it is."""
    fields = FIELDS[former.type]
    changes = {name: text for name, text in given.items() if (name, text) != shown_secret(former)}
    _check(former.type, changes, set())
    credential = replace(
        former, name=name, public={**former.public, **_public(fields, changes)}, updated_at=now
    )
    if fields.hidden in changes:
        secret = changes[fields.hidden]
        sealed = secret_box.seal(secret, seal_context(former.organization_id, former.uuid))
        credential = replace(credential, sealed=sealed, hint=hint_of(secret))
    credentials.update(credential, former=former)
    return credential


def shown_secret(credential: Credential) -> tuple[str, str]:
    """Return the name of the secret field, and the mask that is shown in it."""
    return FIELDS[credential.type].hidden, mask(credential.hint)


def seal_context(organization_id: str, credential_uuid: str) -> dict[str, str]:
    """Return what a sealed secret is bound to: copied to another row it does not open."""
    return {"organization": organization_id, "credential": credential_uuid}


def _public(fields: CredentialFields, given: Mapping[str, str]) -> JsonObject:
    return {fields.shown: given[fields.shown]} if fields.shown and fields.shown in given else {}


def _check(type_: CredentialType, given: Mapping[str, str], required: set[str | None]) -> None:
    """Raise InvalidInputError unless the fields are those of the type, and each holds what it can."""
    fields = FIELDS[type_]
    own = {fields.hidden, fields.shown}
    missing = [name for name in required if name is not None and name not in given]
    problems = [
        *(_problem(name, f"A credential of the type {type_} has none.") for name in given if name not in own),
        *(_problem(name, f"A credential of the type {type_} needs it.") for name in sorted(missing)),
        *(
            _problem(name, _RULES[name])
            for name, text in given.items()
            if name in own and not _is_good(name, text)
        ),
    ]
    if problems:
        first = problems[0]
        raise InvalidInputError(f"{first.loc[0]}: {first.msg}", problems=problems)


_HEADER_RULE = (
    "It is the name of a header that a request may bring: not Host, nor one that frames the message."
)
_PRINTABLE_RULE = "Enter the secret itself, printable ASCII without space at its ends; only its own mask leaves it unchanged."
_RULES = {
    "header_name": _HEADER_RULE,
    "username": "It has 1 to 256 characters, no colon among them.",
    "password": "Enter the password itself; only its own mask leaves it unchanged.",
    **dict.fromkeys(("api_key", "token", "header_value"), _PRINTABLE_RULE),
}


def _is_good(name: str, text: str) -> bool:
    match name:
        case "header_name":
            return is_name(text) and not is_reserved(text)
        case "username":
            return _USER_NAME.fullmatch(text) is not None
        case "password":
            # Nobody's password begins as a mask does; somebody's copied form may.
            return _PASSWORD.fullmatch(text) is not None and not text.startswith(mask(""))
        case _:
            return is_value(text)


def _problem(name: str, msg: str) -> FieldProblem:
    return FieldProblem(loc=(name,), msg=msg)
