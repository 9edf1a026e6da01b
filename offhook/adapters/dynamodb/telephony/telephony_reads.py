"""Reading telephony configurations and phone numbers from DynamoDB; how they lie there stands in telephony_items."""

import builtins

from offhook.adapters.dynamodb.items.database import Database, organization_pk
from offhook.adapters.dynamodb.organizations.limits_item import LimitsItem
from offhook.adapters.dynamodb.telephony.telephony_items import (
    ACCOUNT_SK,
    AccountItem,
    AddressItem,
    ConfigurationItem,
    DefaultItem,
    NumberItem,
    account_pk,
    outbound_range,
    to_profile,
)
from offhook.errors import NotFoundError
from offhook.telephony.model import OutboundProfile, PhoneNumber, TelephonyConfiguration


class TelephonyReads:
    """The half of TelephonyRepository that reads: one query of all that the organization has, whatever is wanted."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._limits = database.items(LimitsItem)
        self._configurations = database.items(ConfigurationItem)
        self._numbers = database.items(NumberItem)
        self._defaults = database.items(DefaultItem)
        self._addresses = database.items(AddressItem)
        self._accounts = database.items(AccountItem)

    def outbound_profile(self, organization_id: str) -> OutboundProfile:
        kinds = (self._limits, self._defaults, self._configurations, self._numbers)
        return to_profile(self._database.together(organization_pk(organization_id), outbound_range(), *kinds))

    def list(self, organization_id: str) -> builtins.list[TelephonyConfiguration]:
        return [*self.outbound_profile(organization_id).configurations]

    def get(self, organization_id: str, configuration_id: str) -> TelephonyConfiguration:
        for configuration in self.list(organization_id):
            if configuration.id == configuration_id:
                return configuration
        raise NotFoundError("There is no telephony configuration with this id in your organization.")

    def list_numbers(self, organization_id: str, configuration_id: str) -> builtins.list[PhoneNumber]:
        return [*self.outbound_profile(organization_id).numbers_of(configuration_id)]

    def get_number(self, organization_id: str, configuration_id: str, number_id: str) -> PhoneNumber:
        for number in self.list_numbers(organization_id, configuration_id):
            if number.id == number_id:
                return number
        raise NotFoundError("The telephony configuration has no phone number with this id.")

    def owner_of_account(self, provider: str, account: str) -> tuple[str, str] | None:
        claim = self._accounts.get(account_pk(provider, account), ACCOUNT_SK)
        return None if claim is None else (claim.organization_id, claim.configuration_id)
