"""Fixtures of system tests."""

from tests.support.rest import install, running_install, tenant

__all__ = ["install", "running_install", "tenant"]
