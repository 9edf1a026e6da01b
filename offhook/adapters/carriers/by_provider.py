"""Finds each provider's folder by its name."""

from importlib import import_module
from typing import Any

from offhook.runs.carrier.dialect import Dialects
from offhook.telephony.providers import PROVIDERS


def dialects() -> Dialects:
    """Return how each provider speaks."""
    return Dialects(_folder(provider).dialect() for provider in PROVIDERS)


def _folder(provider: str) -> Any:
    # tests/unit/test_carriers.py proves that each folder has what is asked of it here.
    return import_module(f"offhook.adapters.{provider}")
