"""When a callback is tried again, and how it is signed."""

from datetime import timedelta

import pytest

from offhook.runs.ending.callbacks import is_due, signature
from offhook.runs.model import Callback
from offhook.signing import webhook_secret
from tests.support.makers import NOON

SECRET = "a-secret-for-tests-of-32-characters"


def test_a_callback_that_was_never_tried_is_due() -> None:
    assert is_due(Callback(url="https://example.com"), NOON)


@pytest.mark.parametrize(
    ("attempts", "wait_seconds"), [(1, 10), (2, 60), (3, 300), (4, 900), (5, 900), (6, 900)]
)
def test_each_attempt_waits_for_its_time(attempts: int, wait_seconds: int) -> None:
    callback = Callback(url="https://example.com", attempts=attempts, last_attempt_at=NOON)
    assert not is_due(callback, NOON + timedelta(seconds=wait_seconds - 2))
    assert is_due(callback, NOON + timedelta(seconds=wait_seconds))


def test_a_signature_is_of_its_time_its_body_and_its_secret() -> None:
    found = signature(b"{}", "whsec_1", NOON)
    assert found.startswith(f"t={int(NOON.timestamp())},v1=")
    others = (
        signature(b"{ }", "whsec_1", NOON),
        signature(b"{}", "whsec_2", NOON),
        signature(b"{}", "whsec_1", NOON + timedelta(seconds=1)),
    )
    assert found not in others


def test_each_organization_has_a_secret_of_its_own_that_stays() -> None:
    secret = webhook_secret(SECRET, "acme")
    assert secret.startswith("whsec_")
    assert len(secret) == len("whsec_") + 64
    assert secret == webhook_secret(SECRET, "acme")
    assert secret not in (webhook_secret(SECRET, "acme2"), webhook_secret(f"{SECRET}x", "acme"))
