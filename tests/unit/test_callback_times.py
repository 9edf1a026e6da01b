"""When a callback is tried again, and how it is signed."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from offhook.runs.ending.deliveries import is_due, retry_time, signature
from offhook.runs.ending.ender import REPLY_LIMIT
from offhook.runs.model import Delivery
from offhook.signing import webhook_secret
from tests.support.makers import NOON, make_run

SECRET = "a-secret-for-tests-of-32-characters"


def test_a_callback_that_was_never_tried_is_due() -> None:
    run = make_run(created_at=NOON)
    assert not is_due(run, Delivery(url="https://example.com"), NOON)
    assert is_due(run, Delivery(url="https://example.com"), NOON + REPLY_LIMIT)


@pytest.mark.parametrize(
    ("attempts", "wait_seconds"), [(1, 10), (2, 60), (3, 300), (4, 900), (5, 900), (6, 900)]
)
def test_each_attempt_waits_for_its_time(attempts: int, wait_seconds: int) -> None:
    callback = Delivery(url="https://example.com", attempts=attempts, last_attempt_at=NOON)
    assert not is_due(make_run(), callback, NOON + timedelta(seconds=wait_seconds - 2))
    assert is_due(make_run(), callback, NOON + timedelta(seconds=wait_seconds))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30),
        ("0", 0),
        ("86400", 600),
        ("9" * 400, 600),
        (format_datetime(NOON.replace(microsecond=0) + timedelta(seconds=90), usegmt=True), 90),
        (format_datetime(NOON.replace(microsecond=0) + timedelta(days=9), usegmt=True), 600),
        (format_datetime(NOON.replace(microsecond=0, tzinfo=None) + timedelta(seconds=90)), 90),
    ],
)
def test_a_receivers_wish_is_read_in_seconds_or_as_a_date(header: str, seconds: int) -> None:
    found = retry_time(header, NOON)
    assert found is not None
    assert abs((found - NOON).total_seconds() - seconds) < 1


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "soon",
        "-5",
        "1.5",
        "\u0663\u0660",
        "Fri, 31 Dec 9999 23:00:00 -1200",
        "Mon, 01 Jan 99999999999 00:00:00 GMT",
    ],
)
def test_a_wish_that_is_none_is_passed_over(header: str | None) -> None:
    assert retry_time(header, NOON) is None


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
