"""TLS contexts for tests: reading the certificate authorities takes 40 ms, and each HTTP client would do it anew."""

import ssl
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from httpx._config import create_ssl_context


@pytest.fixture(scope="session", autouse=True)
def tls_contexts_made_once() -> Iterator[None]:
    """Give clients that say nothing of certificates one context; the others make their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("httpx._transports.default.create_ssl_context", _context)
        patch.setattr("httpx.create_ssl_context", _context)
        yield


def _context(verify: Any = True, **others: Any) -> ssl.SSLContext:
    if verify is not True or others.get("cert"):
        return create_ssl_context(verify, **others)
    return _usual(bool(others.get("trust_env", True)))


@cache
def _usual(trust_env: bool) -> ssl.SSLContext:
    return create_ssl_context(trust_env=trust_env)
