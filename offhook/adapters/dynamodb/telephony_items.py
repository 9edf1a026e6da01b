"""How telephony configurations and phone numbers lie in DynamoDB.

configuration   pk `ORG#<id>`, sk `TELEPHONY#<configuration id>`; names its default caller
phone number    pk `ORG#<id>`, sk `TELEPHONY#<configuration id>#NUMBER#<number id>`
default         pk `ORG#<id>`, sk `TELEPHONY#`; names the organization's default configuration
address         pk `ORG#<id>`, sk `ADDRESS#<configuration id>#<address>`; there is one for each number
claim           pk `DOMAIN#cloudonix#<domain>`, sk `DOMAIN`; names the organization that has verified the domain

There is at most one default, since a default is a name in one place and not a mark on each candidate. The limits
(sk `ORG#LIMITS`) sort just before all that, so that one query returns whatever an outbound call must know.
"""

from collections.abc import Iterable
from typing import Any

from pynamodb.attributes import UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.expressions.condition import Condition

from offhook.adapters.dynamodb.database import Item
from offhook.adapters.dynamodb.limits_item import LimitsItem, to_limits
from offhook.adapters.dynamodb.tables import CONFIG_TABLE
from offhook.telephony.model import OutboundProfile, PhoneNumber, Provider, TelephonyConfiguration

DEFAULT_SK = "TELEPHONY#"
DOMAIN_SK = "DOMAIN"


class ConfigurationItem(Item):
    """A telephony configuration; its secrets are sealed before they come here."""

    TABLE = CONFIG_TABLE
    KIND = "telephony-configuration"

    configuration_id = UnicodeAttribute()
    organization_id = UnicodeAttribute()
    name = UnicodeAttribute()
    provider = UnicodeAttribute()
    cloudonix_domain = UnicodeAttribute()
    sealed_bearer_token = UnicodeAttribute()
    bearer_token_hint = UnicodeAttribute(null=True)
    application_name = UnicodeAttribute(null=True)
    sealed_webhook_api_key = UnicodeAttribute(null=True)
    webhook_api_key_hint = UnicodeAttribute(null=True)
    created_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute(null=True)
    verified_at = UTCDateTimeAttribute(null=True)
    default_caller_id = UnicodeAttribute(null=True)


class NumberItem(Item):
    """A phone number."""

    TABLE = CONFIG_TABLE
    KIND = "phone-number"

    number_id = UnicodeAttribute()
    configuration_id = UnicodeAttribute()
    organization_id = UnicodeAttribute()
    address = UnicodeAttribute()
    label = UnicodeAttribute(null=True)
    inbound_agent_uuid = UnicodeAttribute(null=True)
    created_at = UTCDateTimeAttribute(null=True)


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


class DomainItem(Item):
    """Whose a Cloudonix domain is."""

    TABLE = CONFIG_TABLE
    KIND = "cloudonix-domain"

    organization_id = UnicodeAttribute()
    configuration_id = UnicodeAttribute()


def organization_pk(organization_id: str) -> str:
    """Return where an organization's things are."""
    return f"ORG#{organization_id}"


def domain_pk(cloudonix_domain: str) -> str:
    """Return where the claim on a domain is."""
    return f"DOMAIN#cloudonix#{cloudonix_domain}"


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
    return {
        "configuration_id": configuration.id,
        "organization_id": configuration.organization_id,
        "name": configuration.name,
        "provider": configuration.provider.value,
        "cloudonix_domain": configuration.cloudonix_domain,
        "sealed_bearer_token": configuration.sealed_bearer_token,
        "bearer_token_hint": configuration.bearer_token_hint or None,
        "application_name": configuration.application_name,
        "sealed_webhook_api_key": configuration.sealed_webhook_api_key,
        "webhook_api_key_hint": configuration.webhook_api_key_hint or None,
        "created_at": configuration.created_at,
        "updated_at": configuration.updated_at,
        "verified_at": configuration.verified_at,
    }


def number_attributes(number: PhoneNumber) -> dict[str, Any]:
    """Return what is stored of a number; None is not stored."""
    return {
        "number_id": number.id,
        "configuration_id": number.configuration_id,
        "organization_id": number.organization_id,
        "address": number.address,
        "label": number.label,
        "inbound_agent_uuid": number.inbound_agent_uuid,
        "created_at": number.created_at,
    }


def to_profile(items: Iterable[Item]) -> OutboundProfile:
    """Put together what one query has found, in whatever order."""
    found = list(items)
    default_id = next((item.configuration_id for item in found if isinstance(item, DefaultItem)), None)
    configurations = [item for item in found if isinstance(item, ConfigurationItem)]
    caller_ids = {item.default_caller_id for item in configurations}
    numbers = [_to_number(item, caller_ids) for item in found if isinstance(item, NumberItem)]
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
    return TelephonyConfiguration(
        id=item.configuration_id,
        organization_id=item.organization_id,
        name=item.name,
        provider=Provider(item.provider),
        cloudonix_domain=item.cloudonix_domain,
        sealed_bearer_token=item.sealed_bearer_token,
        bearer_token_hint=item.bearer_token_hint or "",
        application_name=item.application_name,
        sealed_webhook_api_key=item.sealed_webhook_api_key,
        webhook_api_key_hint=item.webhook_api_key_hint or "",
        is_default=item.configuration_id == default_id,
        created_at=item.created_at,
        updated_at=item.updated_at,
        verified_at=item.verified_at,
    )


def _to_number(item: NumberItem, caller_ids: set[str]) -> PhoneNumber:
    return PhoneNumber(
        id=item.number_id,
        configuration_id=item.configuration_id,
        organization_id=item.organization_id,
        address=item.address,
        label=item.label,
        inbound_agent_uuid=item.inbound_agent_uuid,
        is_default_caller=item.number_id in caller_ids,
        created_at=item.created_at,
    )
