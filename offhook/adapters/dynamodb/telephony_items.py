"""How telephony configurations and phone numbers lie in DynamoDB.

configuration   pk `ORG#<id>`, sk `TELEPHONY#<configuration id>`; names its default caller
phone number    pk `ORG#<id>`, sk `TELEPHONY#<configuration id>#NUMBER#<number id>`
default         pk `ORG#<id>`, sk `TELEPHONY#`; names the organization's default configuration
address         pk `ORG#<id>`, sk `ADDRESS#<configuration id>#<address>`; there is one for each number
claim           pk `DOMAIN#<provider>#<account>`, sk `DOMAIN`; names the organization that has verified the account

Cloudonix was the first provider: an account is still called `cloudonix_domain`, and those fields that Cloudonix has lie
in attributes of their own. The fields of other providers lie together in `other_credentials`.

There is at most one default, since a default is a name in one place and not a mark on each candidate. The limits
(sk `ORG#LIMITS`) sort just before all that, so that one query returns whatever an outbound call must know.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pynamodb.attributes import JSONAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.expressions.condition import Condition

from offhook.adapters.dynamodb.database import Item
from offhook.adapters.dynamodb.limits_item import LimitsItem, to_limits
from offhook.adapters.dynamodb.mapping import ModelItem, attributes, to_model
from offhook.adapters.dynamodb.tables import CONFIG_TABLE
from offhook.telephony.model import OutboundProfile, PhoneNumber, SealedSecret, TelephonyConfiguration

DEFAULT_SK = "TELEPHONY#"
ACCOUNT_SK = "DOMAIN"

_TOKEN, _APPLICATION = "bearer_token", "application_name"


class ConfigurationItem(ModelItem):
    """A telephony configuration; its secrets are sealed before they come here."""

    TABLE = CONFIG_TABLE
    KIND = "telephony-configuration"
    MODEL = TelephonyConfiguration
    LEFT_OUT = ("secrets", "options", "webhook_key", "is_default")

    id = UnicodeAttribute(attr_name="configuration_id")
    account = UnicodeAttribute(attr_name="cloudonix_domain")
    updated_at = UTCDateTimeAttribute(null=True)
    sealed_bearer_token = UnicodeAttribute(null=True)
    bearer_token_hint = UnicodeAttribute(null=True)
    application_name = UnicodeAttribute(null=True)
    sealed_webhook_api_key = UnicodeAttribute(null=True)
    webhook_api_key_hint = UnicodeAttribute(null=True)
    other_credentials = JSONAttribute(null=True)
    default_caller_id = UnicodeAttribute(null=True)


class NumberItem(ModelItem):
    """A phone number; whether it is the default caller, its configuration says."""

    TABLE = CONFIG_TABLE
    KIND = "phone-number"
    MODEL = PhoneNumber
    LEFT_OUT = ("is_default_caller",)

    id = UnicodeAttribute(attr_name="number_id")
    configuration_id = UnicodeAttribute()
    verified_account = UnicodeAttribute(null=True)


class DefaultItem(Item):
    """The name of the organization's default configuration."""

    TABLE = CONFIG_TABLE
    KIND = "telephony-default"

    configuration_id = UnicodeAttribute(null=True)


class AddressItem(Item):
    """An address that a configuration has."""

    TABLE = CONFIG_TABLE
    KIND = "phone-number-address"

    number_id = UnicodeAttribute()


class AccountItem(Item):
    """Whose an account at a provider is."""

    TABLE = CONFIG_TABLE
    KIND = "cloudonix-domain"

    organization_id = UnicodeAttribute()
    configuration_id = UnicodeAttribute()


def organization_pk(organization_id: str) -> str:
    """Return where an organization's things are."""
    return f"ORG#{organization_id}"


def account_pk(provider: str, account: str) -> str:
    """Return where the claim on an account is."""
    return f"DOMAIN#{provider}#{account}"


def configuration_sk(configuration_id: str) -> str:
    """Return the sort key of a configuration."""
    return f"TELEPHONY#{configuration_id}"


def number_sk(number: PhoneNumber) -> str:
    """Return the sort key of a number."""
    return f"TELEPHONY#{number.configuration_id}#NUMBER#{number.id}"


def address_sk(number: PhoneNumber) -> str:
    """Return the sort key of a number's address."""
    return f"ADDRESS#{number.configuration_id}#{number.address}"


def outbound_range() -> Condition:
    """Select the limits, the default, the configurations and the numbers."""
    return Item.sk.between("ORG", "TELEPHONY#~")


def configuration_attributes(configuration: TelephonyConfiguration) -> dict[str, Any]:
    """Return what is stored of a configuration; None is not stored."""
    return attributes(ConfigurationItem, configuration) | _credentials(configuration)


def to_profile(items: Iterable[Item]) -> OutboundProfile:
    """Put together what one query has found, in whatever order."""
    found = list(items)
    default_id = next((item.configuration_id for item in found if isinstance(item, DefaultItem)), None)
    configurations = [item for item in found if isinstance(item, ConfigurationItem)]
    caller_ids = {item.default_caller_id for item in configurations}
    accounts = {item.id: item.account for item in configurations}
    numbers = [_to_number(item, caller_ids, accounts) for item in found if isinstance(item, NumberItem)]
    return OutboundProfile(
        limits=to_limits(next((item for item in found if isinstance(item, LimitsItem)), None)),
        configurations=tuple(
            sorted(
                (_to_configuration(item, default_id) for item in configurations),
                key=lambda each: (each.is_default, each.created_at, each.id),
                reverse=True,
            )
        ),
        numbers=tuple(sorted(numbers, key=_number_order, reverse=True)),
    )


def _number_order(number: PhoneNumber) -> tuple[bool, float, str]:
    return number.is_default_caller, number.created_at.timestamp() if number.created_at else 0.0, number.id


def _to_configuration(item: ConfigurationItem, default_id: str | None) -> TelephonyConfiguration:
    return to_model(
        TelephonyConfiguration,
        item,
        secrets=_secrets(item),
        options=_options(item),
        webhook_key=_secret(item.sealed_webhook_api_key, item.webhook_api_key_hint),
        is_default=item.id == default_id,
    )


def _credentials(configuration: TelephonyConfiguration) -> dict[str, Any]:
    secrets, options = dict(configuration.secrets), dict(configuration.options)
    token, key = secrets.pop(_TOKEN, None), configuration.webhook_key
    others = {
        "secrets": {name: [secret.sealed, secret.hint] for name, secret in secrets.items()},
        "options": {name: text for name, text in options.items() if name != _APPLICATION},
    }
    return {
        "sealed_bearer_token": token.sealed if token else None,
        "bearer_token_hint": (token.hint if token else None) or None,
        "application_name": options.get(_APPLICATION),
        "sealed_webhook_api_key": key.sealed if key else None,
        "webhook_api_key_hint": (key.hint if key else None) or None,
        "other_credentials": others if any(others.values()) else None,
    }


def _secrets(item: ConfigurationItem) -> dict[str, SealedSecret]:
    others = (item.other_credentials or {}).get("secrets", {})
    found = {_TOKEN: _secret(item.sealed_bearer_token, item.bearer_token_hint)} | {
        name: _secret(*secret) for name, secret in others.items()
    }
    return {name: secret for name, secret in found.items() if secret is not None}


def _options(item: ConfigurationItem) -> dict[str, str]:
    others = (item.other_credentials or {}).get("options", {})
    return {**others, **({_APPLICATION: item.application_name} if item.application_name else {})}


def _secret(sealed: str | None, hint: str | None) -> SealedSecret | None:
    return None if sealed is None else SealedSecret(sealed=sealed, hint=hint or "")


def _to_number(item: NumberItem, caller_ids: set[str], accounts: Mapping[str, str]) -> PhoneNumber:
    number = to_model(PhoneNumber, item, is_default_caller=item.id in caller_ids)
    # Of another account than the configuration has by now, nobody has confirmed anything.
    if number.verified_account is None or number.verified_account != accounts.get(number.configuration_id):
        return replace(number, verified_at=None, verified_account=None)
    return number
