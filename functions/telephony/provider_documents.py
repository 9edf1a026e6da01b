"""The documents of telephony configurations as the providers of this install have them, each with its own credentials."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, Union, get_args

from pydantic import BaseModel, Field, WrapValidator, create_model

from functions.telephony.documents import (
    EXAMPLE_CONFIGURATION_ID,
    ConfigurationChanges,
    ConfigurationDocument,
    ConfigurationList,
    CredentialChanges,
    CredentialsDocument,
    NewConfiguration,
    NewCredentials,
    Text,
)
from offhook.telephony.credentials import CredentialFields
from offhook.telephony.secrets import MAX_SECRET_CHARACTERS, hint_of, mask

# The patterns are for whoever reads the document: a sentence of our own says what is wrong with a secret.
_SECRET: Any = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_SECRET_CHARACTERS,
        description="Stored encrypted, and never shown again but for its last characters.",
        json_schema_extra={"pattern": "^[!-~]+$"},
    ),
]
_SECRET_OR_MASK: Any = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_SECRET_CHARACTERS,
        description="A new secret. The present one's mask, as it is shown, leaves it unchanged.",
        json_schema_extra={"pattern": "^(…[!-~]{0,4}|[!-~]+)$"},
    ),
]
_NAME = "Main line"
_ANOTHER_SECRET, _WEBHOOK_KEY = "XI-9e0d1c6b7a584a7f", "whk-2d7e8f90a1b2c3d4"

Documents = Mapping[type[BaseModel], Any]


def of_providers(every: Iterable[CredentialFields]) -> Documents:
    """Return what stands for each document of the routes where these are the providers."""
    fields = [*every]
    first = fields[0]
    provider = StrEnum("Provider", {each.provider.upper(): each.provider for each in fields})  # type: ignore[misc]
    provider.__doc__ = "Who carries the call."
    names = ["" if each is first else each.title for each in fields]
    shown: Any = _made(
        ConfigurationDocument,
        example=_shown_example(first),
        provider=(provider, ...),
        credentials=(_any_of(map(_shown, fields, names)), ...),
    )
    return {
        NewConfiguration: _any_of(map(_new, fields, names)),
        ConfigurationChanges: _changes(fields, names),
        ConfigurationDocument: shown,
        ConfigurationList: _made(ConfigurationList, items=(list[shown], ...)),
    }


def _new(fields: CredentialFields, name: str) -> Any:
    rows = _rows(fields, _SECRET, _account(fields), necessary=..., other=None)
    credentials = _made(NewCredentials, name, example=fields.example, **rows)
    credentials.__doc__ = f"What {fields.title} knows the organization by."
    return _made(
        NewConfiguration,
        name,
        example={
            "name": _NAME,
            "provider": fields.provider,
            "credentials": fields.example,
            "is_default": True,
        },
        provider=(Literal[fields.provider], ...),
        credentials=(credentials, ...),
    )


def _changes(every: list[CredentialFields], names: list[str]) -> Any:
    kinds = [
        _made(
            CredentialChanges,
            name,
            example=dict.fromkeys(fields.secrets, _ANOTHER_SECRET),
            **_rows(fields, _SECRET_OR_MASK | None, _account(fields) | None, necessary=None, other=None),
        )
        for fields, name in zip(every, names, strict=True)
    ]
    masks = {name: mask(hint_of(every[0].example[name])) for name in every[0].secrets}
    credentials = {**masks, every[0].webhook_key: _WEBHOOK_KEY}
    return _made(
        ConfigurationChanges,
        example={"name": _NAME, "credentials": credentials},
        credentials=(_any_of(kinds), Field(default_factory=kinds[0])),
    )


def _shown(fields: CredentialFields, name: str) -> Any:
    return _made(CredentialsDocument, name, **_rows(fields, str, str, necessary=..., other=...))


def _rows(fields: CredentialFields, secret: Any, account: Any, *, necessary: Any, other: Any) -> Any:
    """Return the fields of a shape; `necessary` and `other` are the defaults of those."""
    return {
        **dict.fromkeys(fields.secrets, (secret, necessary)),
        fields.account: (account, necessary),
        **dict.fromkeys(fields.options, (str | None if account is str else Text | None, other)),
        fields.webhook_key: (secret | None, other),
    }


def _account(fields: CredentialFields) -> Any:
    description = fields.account_description
    return Annotated[
        str, Field(min_length=1, max_length=200, pattern=fields.account_pattern, description=description)
    ]


def _shown_example(fields: CredentialFields) -> dict[str, Any]:
    account = fields.normalise_account(fields.example[fields.account])
    masks = {name: mask(hint_of(fields.example[name])) for name in fields.secrets}
    return {
        "id": EXAMPLE_CONFIGURATION_ID,
        "name": _NAME,
        "provider": fields.provider,
        "domain_id": account,
        "credentials": {
            **masks,
            fields.account: account,
            **dict.fromkeys((*fields.options, fields.webhook_key)),
        },
        "is_default": True,
        "created_at": "2026-03-02T09:30:00.000Z",
        "updated_at": None,
        "verified_at": None,
    }


def _made(base: type[BaseModel], name: str = "", *, example: Any = None, **fields: Any) -> Any:
    """Return a document with these fields in place of its base's, of the base's name and some more."""
    extra = {"json_schema_extra": {"examples": [example]}} if example else {}
    return create_model(
        base.__name__ + name, __base__=base, __doc__=base.__doc__, __cls_kwargs__=extra, **fields
    )


def _any_of(kinds: Iterable[Any]) -> Any:
    """Return what is of one of these kinds; faults are told of the one that is meant, as if there were no other."""
    every = [*kinds]

    def read(given: Any, _: Any) -> Any:
        return max(every, key=lambda kind: _likeness(kind, given)).model_validate(given)

    return Annotated[Union[tuple(every)], WrapValidator(read)] if every[1:] else every[0]  # noqa: UP007


def _likeness(kind: type[BaseModel], given: Any) -> tuple[bool, int]:
    """Return how much looks as if this kind were meant: its provider is named, and so many of its fields are."""
    if not isinstance(given, dict):
        return False, 0
    provider = kind.model_fields.get("provider")
    is_named = provider is not None and given.get("provider") in get_args(provider.annotation)
    return is_named, len(kind.model_fields.keys() & given.keys())
