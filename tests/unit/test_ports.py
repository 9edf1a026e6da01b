"""Ports make each adapter once, when somebody asks for it, and close what they have opened."""

import subprocess
import sys

from offhook.aws import AwsPorts
from offhook.settings import Settings

SETTINGS = Settings(
    install_secret="a-secret-for-tests-of-32-characters", public_base_url="https://offhook.test"
)


def test_each_adapter_is_made_once() -> None:
    ports = AwsPorts(SETTINGS)
    assert ports.carrier is ports.carrier
    assert ports.store is ports.store
    assert ports.ender.runs is ports.remover.runs is ports.store.runs
    ports.close()


def test_what_was_not_asked_for_is_not_even_imported() -> None:
    """No function carries the adapters of another: each import would be paid for at its cold start."""
    program = (
        "import sys; from offhook.aws import AwsPorts; from offhook.settings import Settings; "
        "AwsPorts(Settings()).store; print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert {"pynamodb"} <= set(loaded.stdout.split())
    assert not {"boto3", "httpx", "httpcore", "fastapi"} & set(loaded.stdout.split())
