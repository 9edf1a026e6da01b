"""By what a provider knows an organization: each provider has fields of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialFields:
    """A provider's fields by what they are for; REST documents and stored configurations follow from this.

    `account` names the organization's account there: it matches `account_pattern`, and `normalise_account` writes it in
    the one form that we store and compare. `secrets` authorise us. `webhook_key`, which the carrier shows, and the
    `options`, which are no secrets, may be left out. `example` is how a person fills them in.
    """

    provider: str
    title: str
    account: str
    account_description: str
    account_pattern: str
    normalise_account: Callable[[str], str]
    secrets: tuple[str, ...]
    webhook_key: str
    options: tuple[str, ...] = ()
    example: Mapping[str, str]
