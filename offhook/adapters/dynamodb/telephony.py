"""Telephony configurations and phone numbers in DynamoDB.

configuration   pk `ORG#<id>`, sk `TELEPHONY#<configuration id>`
phone number    pk `ORG#<id>`, sk `NUMBER#<configuration id>#<number id>`
"""

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute, UTCDateTimeAttribute

from offhook.adapters.dynamodb.database import Database, Item
from offhook.adapters.dynamodb.tables import CONFIG_TABLE
from offhook.errors import ConflictError, NotFoundError
from offhook.telephony.model import PhoneNumber, Provider, TelephonyConfiguration


class ConfigurationItem(Item):
    """A telephony configuration; its token is sealed before it comes here."""

    TABLE = CONFIG_TABLE
    KIND = "telephony-configuration"

    configuration_id = UnicodeAttribute()
    organization_id = UnicodeAttribute()
    name = UnicodeAttribute()
    provider = UnicodeAttribute()
    cloudonix_domain = UnicodeAttribute()
    sealed_bearer_token = UnicodeAttribute()
    is_default = BooleanAttribute()
    created_at = UTCDateTimeAttribute()


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
    is_default_caller = BooleanAttribute()


class DynamoTelephony:
    """Implements TelephonyRepository."""

    def __init__(self, database: Database) -> None:
        self._configurations = database.items(ConfigurationItem)
        self._numbers = database.items(NumberItem)

    def add(self, configuration: TelephonyConfiguration) -> None:
        """Store a new configuration; raise ConflictError when its id is taken."""
        if not self._configurations.put_new(self._configuration_item(configuration)):
            raise ConflictError("There is a telephony configuration with this id already.")

    def get(self, organization_id: str, configuration_id: str) -> TelephonyConfiguration:
        """Return one configuration; raise NotFoundError."""
        item = self._configurations.get(_pk(organization_id), f"TELEPHONY#{configuration_id}")
        if item is None:
            raise NotFoundError("There is no telephony configuration with this id in your organization.")
        return _to_configuration(item)

    def add_number(self, number: PhoneNumber) -> None:
        """Store a new phone number; raise ConflictError when its id is taken."""
        if not self._numbers.put_new(self._number_item(number)):
            raise ConflictError("There is a phone number with this id already.")

    def list_numbers(self, organization_id: str, configuration_id: str) -> list[PhoneNumber]:
        """Return the configuration's numbers, the default caller id first."""
        items = self._numbers.query(
            _pk(organization_id), Item.sk.startswith(f"NUMBER#{configuration_id}#"), consistent=True
        )
        return sorted(map(_to_number, items), key=lambda number: not number.is_default_caller)

    def list(self, organization_id: str) -> list[TelephonyConfiguration]:
        """Return the organization's configurations, the default one first, then newest first."""
        items = self._configurations.query(
            _pk(organization_id), Item.sk.startswith("TELEPHONY#"), consistent=True
        )
        return sorted(
            map(_to_configuration, items), key=lambda each: (each.is_default, each.created_at), reverse=True
        )

    def _configuration_item(self, configuration: TelephonyConfiguration) -> ConfigurationItem:
        return self._configurations.new(
            _pk(configuration.organization_id),
            f"TELEPHONY#{configuration.id}",
            configuration_id=configuration.id,
            organization_id=configuration.organization_id,
            name=configuration.name,
            provider=configuration.provider,
            cloudonix_domain=configuration.cloudonix_domain,
            sealed_bearer_token=configuration.sealed_bearer_token,
            is_default=configuration.is_default,
            created_at=configuration.created_at,
        )

    def _number_item(self, number: PhoneNumber) -> NumberItem:
        return self._numbers.new(
            _pk(number.organization_id),
            f"NUMBER#{number.configuration_id}#{number.id}",
            number_id=number.id,
            configuration_id=number.configuration_id,
            organization_id=number.organization_id,
            address=number.address,
            label=number.label,
            inbound_agent_uuid=number.inbound_agent_uuid,
            is_default_caller=number.is_default_caller,
        )


def _pk(organization_id: str) -> str:
    return f"ORG#{organization_id}"


def _to_configuration(item: ConfigurationItem) -> TelephonyConfiguration:
    return TelephonyConfiguration(
        id=item.configuration_id,
        organization_id=item.organization_id,
        name=item.name,
        provider=Provider(item.provider),
        cloudonix_domain=item.cloudonix_domain,
        sealed_bearer_token=item.sealed_bearer_token,
        is_default=item.is_default,
        created_at=item.created_at,
    )


def _to_number(item: NumberItem) -> PhoneNumber:
    return PhoneNumber(
        id=item.number_id,
        configuration_id=item.configuration_id,
        organization_id=item.organization_id,
        address=item.address,
        label=item.label,
        inbound_agent_uuid=item.inbound_agent_uuid,
        is_default_caller=item.is_default_caller,
    )
