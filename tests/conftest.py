"""Fixtures for every test."""

pytest_plugins = [
    "tests.support.aws",
    "tests.support.distribution",
    "tests.support.lossy",
    "tests.support.hypothesis_profiles",
    "tests.support.room_calls",
    "tests.support.tls_contexts",
]
