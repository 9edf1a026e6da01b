"""Finds each provider's package: what it speaks like, how often it may be asked, and what asks it."""

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from threading import Lock
from typing import Any

from offhook.errors import NotConfiguredError
from offhook.runs.carrier.dialect import Dialects
from offhook.settings import Settings
from offhook.telephony.pace import RequestPace
from offhook.telephony.ports import Carrier, CarrierAccount
from offhook.telephony.providers import PROVIDERS


class CarriersByProvider:
    """The carriers of an install, each made when it is asked for first."""

    def __init__(self, makers: Mapping[str, Callable[[], Carrier]]) -> None:
        self._makers = makers
        self._carriers: dict[str, Carrier] = {}
        self._making = Lock()

    def close(self) -> None:
        """Close those that were made."""
        for carrier in self._carriers.values():
            carrier.close()

    def of(self, account: CarrierAccount) -> Carrier:
        """Return the carrier of the account's provider; raise NotConfiguredError where this install has none."""
        provider = account.provider
        with self._making:
            if provider not in self._carriers:
                if provider not in self._makers:
                    raise _unknown(provider)
                self._carriers[provider] = self._makers[provider]()
            return self._carriers[provider]


def connect(settings: Settings) -> CarriersByProvider:
    """Return what asks the providers; nothing is opened before the first request."""
    return CarriersByProvider({provider: partial(_connect, provider, settings) for provider in PROVIDERS})


def dialects() -> Dialects:
    """Return how each provider speaks."""
    return Dialects(_package(provider).dialect() for provider in PROVIDERS)


def pace_of(provider: str) -> RequestPace:
    """Return how often one account at a provider may be asked; raise NotConfiguredError for one that we don't know."""
    if provider not in PROVIDERS:
        raise _unknown(provider)
    pace: RequestPace = _package(provider).pace
    return pace


def _connect(provider: str, settings: Settings) -> Carrier:
    carrier: Carrier = _package(provider).connect(settings)
    return carrier


def _package(provider: str) -> Any:
    # tests/unit/test_carriers.py proves that each package has what is asked of it here.
    return import_module(PROVIDERS[provider])


def _unknown(provider: str) -> NotConfiguredError:
    return NotConfiguredError(f"This install has no carrier of {provider}.", code="provider-unknown")
