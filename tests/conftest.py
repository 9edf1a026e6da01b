"""Fixtures for every test."""

pytest_plugins = ["tests.support.aws", "tests.support.lossy", "tests.support.hypothesis_profiles"]
