"""Fixtures of system tests."""

from tests.support.backstage import stage
from tests.support.campaigning import start
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
