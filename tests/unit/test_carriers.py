"""Each provider has a folder of its name with all that a carrier is asked for, and each account's own is asked."""

from contextlib import closing
from importlib import import_module

import pytest

import offhook.adapters.cloudonix
from offhook.adapters.carriers.by_provider import CarriersByProvider, connect, dialects
from offhook.errors import InvalidInputError, NotConfiguredError
from offhook.runs.carrier.dialect import Dialect
from offhook.settings import Settings
from offhook.telephony.pace import RequestPace
from offhook.telephony.ports import Carrier
from offhook.telephony.providers import PROVIDERS
from tests.support.cloudonix import make_account


@pytest.mark.parametrize(("provider", "name"), PROVIDERS.items())
def test_each_provider_is_a_package_with_a_carrier_a_dialect_and_a_pace(provider: str, name: str) -> None:
    package = import_module(name)
    with closing(package.connect(Settings())):
        assert package.dialect().provider == provider
        assert package.dialect().credentials.provider == provider
        assert isinstance(package.pace, RequestPace)


def test_the_types_of_a_package_are_those_of_the_ports() -> None:
    # What mypy can't see through the name of a package, it sees here.
    carrier: Carrier = offhook.adapters.cloudonix.connect(Settings())
    dialect: Dialect = offhook.adapters.cloudonix.dialect()
    carrier.close()
    assert dialect.provider in PROVIDERS


def test_an_account_of_another_provider_is_told_that_there_is_no_carrier() -> None:
    account = make_account("acme", "XI-secret")
    with closing(CarriersByProvider({})) as carriers, pytest.raises(NotConfiguredError, match="cloudonix"):
        carriers.of(account)
    with closing(connect(Settings(cloudonix_url="http://127.0.0.1:9"))) as carriers:
        assert carriers.of(account) is not None


def test_a_webhook_of_nobody_that_we_know_is_refused() -> None:
    with pytest.raises(InvalidInputError) as caught:
        dialects().who_speaks({"user-agent": "curl"}, {"CallSid": "CA1"})
    assert caught.value.code == "provider-unknown"
    with pytest.raises(NotConfiguredError):
        dialects().of("carrierpigeon")
