"""TelephonyRepository in DynamoDB; how its items lie there stands in telephony_items, how they are read in telephony_reads."""

import builtins

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from offhook.adapters.dynamodb.items.database import Item, organization_pk
from offhook.adapters.dynamodb.items.mapping import attributes, changes
from offhook.adapters.dynamodb.items.refusals import changed_meanwhile, id_taken
from offhook.adapters.dynamodb.telephony.telephony_items import (
    ACCOUNT_SK,
    DEFAULT_SK,
    AccountItem,
    AddressItem,
    ConfigurationItem,
    DefaultItem,
    NumberItem,
    account_pk,
    address_sk,
    configuration_sk,
    number_sk,
)
from offhook.adapters.dynamodb.telephony.telephony_reads import TelephonyReads
from offhook.errors import ConflictError
from offhook.telephony.model import PhoneNumber, TelephonyConfiguration

# A transaction has at most 100 writes, and a number is two items.
_NUMBERS_PER_TRANSACTION = 50
# Of a number; its address never does.
_CHANGING = ("label", "inbound_agent_uuid", "verified_at", "verified_account")


class DynamoTelephony(TelephonyReads):
    """Implements TelephonyRepository; each change is one transaction."""

    def add(self, configuration: TelephonyConfiguration) -> None:
        pk, sk = _keys(configuration)
        item = self._configurations.new(pk, sk, **attributes(ConfigurationItem, configuration))

        def collect(transaction: TransactWrite) -> None:
            transaction.save(item, Item.pk.does_not_exist())
            if configuration.is_default:
                transaction.save(self._default(configuration))

        def explain() -> None:
            if self._configurations.get(pk, sk):
                raise id_taken()

        self._database.write_together(collect, explain)

    def update(self, configuration: TelephonyConfiguration, *, former: TelephonyConfiguration) -> None:
        def collect(transaction: TransactWrite) -> None:
            item = self._configurations.new(*_keys(configuration))
            actions = changes(ConfigurationItem, attributes(ConfigurationItem, configuration))
            transaction.update(item, actions, _is_still(former))
            if configuration.is_default:
                transaction.save(self._default(configuration))
            elif former.is_default:
                self._drop_default(transaction, configuration)
            if configuration.account != former.account:
                self._release_account(transaction, former)

        def explain() -> None:
            stored = self.get(configuration.organization_id, configuration.id)
            if stored != former:
                raise changed_meanwhile("telephony configuration")

        self._database.write_together(collect, explain)

    def remove(self, configuration: TelephonyConfiguration) -> None:
        def collect(transaction: TransactWrite) -> None:
            transaction.delete(self._configurations.new(*_keys(configuration)))
            self._release_account(transaction, configuration)

        self._remove_numbers(configuration)
        self._database.write_together(collect, lambda: None)
        # Nobody can add one any more, but somebody may have done so just before.
        self._remove_numbers(configuration)

    def claim_account(self, configuration: TelephonyConfiguration) -> None:
        provider, account = configuration.provider, configuration.account
        owner_id = configuration.organization_id
        claim = self._accounts.new(
            account_pk(provider, account),
            ACCOUNT_SK,
            organization_id=owner_id,
            configuration_id=configuration.id,
        )

        def collect(transaction: TransactWrite) -> None:
            item_class, keys = self._configurations.item_class, _keys(configuration)
            transaction.condition_check(item_class, *keys, ConfigurationItem.account == account)
            transaction.save(claim, Item.pk.does_not_exist() | (AccountItem.organization_id == owner_id))

        def explain() -> None:
            owner = self.owner_of_account(provider, account)
            if owner is not None and owner[0] != owner_id:
                raise _account_taken()
            if self.get(owner_id, configuration.id).account != account:
                raise changed_meanwhile("telephony configuration")

        self._database.write_together(collect, explain)

    def add_number(self, number: PhoneNumber) -> None:
        pk = organization_pk(number.organization_id)
        item = self._numbers.new(pk, number_sk(number), **attributes(NumberItem, number))
        address = self._addresses.new(pk, address_sk(number), number_id=number.id)

        def collect(transaction: TransactWrite) -> None:
            self._hold_configuration(transaction, number)
            transaction.save(address, Item.pk.does_not_exist())
            transaction.save(item, Item.pk.does_not_exist())

        def explain() -> None:
            self.get(number.organization_id, number.configuration_id)
            if self._addresses.get(pk, address_sk(number)):
                raise _number_taken()
            if self._numbers.get(pk, number_sk(number)):
                raise id_taken()

        self._database.write_together(collect, explain)

    def update_number(self, number: PhoneNumber) -> None:
        pk = organization_pk(number.organization_id)
        actions = changes(NumberItem, {name: getattr(number, name) for name in _CHANGING})

        def collect(transaction: TransactWrite) -> None:
            item = self._numbers.new(pk, number_sk(number))
            transaction.update(item, actions, Item.pk.exists())
            self._hold_configuration(transaction, number)

        def explain() -> None:
            self.get_number(number.organization_id, number.configuration_id, number.id)

        self._database.write_together(collect, explain)

    def remove_number(self, number: PhoneNumber) -> None:
        def collect(transaction: TransactWrite) -> None:
            self._delete_number(transaction, number)

        self._database.write_together(collect, lambda: None)

    def _hold_configuration(self, transaction: TransactWrite, number: PhoneNumber) -> None:
        """Keep the number's configuration from going meanwhile, and have it name its default caller."""
        pk, sk = organization_pk(number.organization_id), configuration_sk(number.configuration_id)
        stored = self._configurations.get(pk, sk)
        action: Action | None = None
        if number.is_default_caller:
            action = ConfigurationItem.default_caller_id.set(number.id)
        elif stored is not None and stored.default_caller_id == number.id:
            action = ConfigurationItem.default_caller_id.remove()
        if action is None:
            transaction.condition_check(self._configurations.item_class, pk, sk, Item.pk.exists())
        else:
            transaction.update(self._configurations.new(pk, sk), [action], Item.pk.exists())

    def _default(self, configuration: TelephonyConfiguration) -> DefaultItem:
        pk = organization_pk(configuration.organization_id)
        return self._defaults.new(pk, DEFAULT_SK, configuration_id=configuration.id)

    def _drop_default(self, transaction: TransactWrite, configuration: TelephonyConfiguration) -> None:
        item = self._defaults.new(organization_pk(configuration.organization_id), DEFAULT_SK)
        transaction.delete(item, DefaultItem.configuration_id == configuration.id)

    def _release_account(self, transaction: TransactWrite, configuration: TelephonyConfiguration) -> None:
        pk, is_ours = (
            account_pk(configuration.provider, configuration.account),
            AccountItem.configuration_id == configuration.id,
        )
        if self.owner_of_account(configuration.provider, configuration.account) == _owner(configuration):
            transaction.delete(self._accounts.new(pk, ACCOUNT_SK), is_ours)
        else:
            # A claim that is made just now would stay behind.
            not_ours = Item.pk.does_not_exist() | (AccountItem.configuration_id != configuration.id)
            transaction.condition_check(self._accounts.item_class, pk, ACCOUNT_SK, not_ours)

    def _delete_number(self, transaction: TransactWrite, number: PhoneNumber) -> None:
        pk, sk = organization_pk(number.organization_id), address_sk(number)
        transaction.delete(self._numbers.new(pk, number_sk(number)))
        address = self._addresses.get(pk, sk)
        # A number that was removed before may have left its address to another.
        if address is not None and address.number_id == number.id:
            transaction.delete(self._addresses.new(pk, sk), AddressItem.number_id == number.id)

    def _remove_numbers(self, configuration: TelephonyConfiguration) -> None:
        numbers = self.list_numbers(configuration.organization_id, configuration.id)
        for start in range(0, len(numbers), _NUMBERS_PER_TRANSACTION):
            self._remove_some(numbers[start : start + _NUMBERS_PER_TRANSACTION])

    def _remove_some(self, numbers: builtins.list[PhoneNumber]) -> None:
        def collect(transaction: TransactWrite) -> None:
            for number in numbers:
                self._delete_number(transaction, number)

        self._database.write_together(collect, lambda: None)


def _keys(configuration: TelephonyConfiguration) -> tuple[str, str]:
    return organization_pk(configuration.organization_id), configuration_sk(configuration.id)


def _owner(configuration: TelephonyConfiguration) -> tuple[str, str]:
    return configuration.organization_id, configuration.id


def _is_still(former: TelephonyConfiguration) -> Condition:
    updated_at = ConfigurationItem.updated_at
    same: Condition = (
        updated_at.does_not_exist() if former.updated_at is None else updated_at == former.updated_at
    )
    unchanged: Condition = Item.pk.exists() & same
    return unchanged


def _number_taken() -> ConflictError:
    return ConflictError(
        "The telephony configuration has this phone number already: change that one instead.",
        code="phone-number-taken",
    )


def _account_taken() -> ConflictError:
    return ConflictError(
        "Another organization has verified this domain: ask its owner to remove it there first.",
        code="domain-taken",
    )
