"""Fixtures of system tests."""

from tests.support.rest import install, running_install, tenant
from tests.support.town import scripted_carrier, town, workflow
from tests.support.whole_install import shared_install

__all__ = ["install", "running_install", "scripted_carrier", "shared_install", "tenant", "town", "workflow"]
