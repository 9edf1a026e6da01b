"""What all system tests have in common."""

from asyncio import AbstractEventLoop
from collections.abc import Callable, Mapping

from tests.support.backstage import stage
from tests.support.campaigning import start
from tests.support.fair_time import FairLoop
from tests.support.rest import install, running_install, tenant, tenant_copies
from tests.support.town import agent_settings, scripted_carrier, town, workflow
from tests.support.whole_install import shared_install

__all__ = [
    "agent_settings",
    "install",
    "running_install",
    "scripted_carrier",
    "shared_install",
    "stage",
    "start",
    "tenant",
    "tenant_copies",
    "town",
    "workflow",
]


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], AbstractEventLoop]]:
    """Have a busy machine count for nothing in them."""
    return {"fair": FairLoop}
