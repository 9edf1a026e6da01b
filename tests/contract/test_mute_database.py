"""A database that takes connections and never answers."""

import socket
from collections.abc import Iterator

import pytest

from offhook.adapters import sdk
from offhook.adapters.dynamodb.store import Store, connect
from offhook.errors import StorageError
from offhook.settings import Settings
from tests.support.makers import NOON, make_admission, make_claim, make_events, make_run


@pytest.fixture
def mute_store(
    aws_endpoint_url: str, storage_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    assert aws_endpoint_url
    monkeypatch.setattr(sdk, "READ_TIMEOUT_S", 0.05)
    monkeypatch.setattr(sdk, "RETRIES", 0)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield connect(storage_settings, endpoint_url=f"http://127.0.0.1:{listener.getsockname()[1]}")


def test_every_wait_for_it_ends_with_a_storage_error(mute_store: Store) -> None:
    run = make_run()
    with pytest.raises(StorageError):
        mute_store.runs.get("acme", run.id)
    with pytest.raises(StorageError):
        mute_store.runs.create(run)
    with pytest.raises(StorageError):
        mute_store.runs.take_over(run, "streamer-1", NOON)
    with pytest.raises(StorageError):
        list(mute_store.events.read(run.id))
    with pytest.raises(StorageError):
        mute_store.events.append(run.id, make_events(1, 2))
    with pytest.raises(StorageError):
        mute_store.organizations.find_key("x")
    with pytest.raises(StorageError):
        mute_store.runs.get_many([run.id])
    with pytest.raises(StorageError):
        mute_store.runs.delete(run)
    with pytest.raises(StorageError):
        mute_store.events.delete(run.id)
    with pytest.raises(StorageError):
        mute_store.ledgers.admit(make_admission("acme"), NOON)
    with pytest.raises(StorageError):
        list(mute_store.ledgers.all())
    with pytest.raises(StorageError):
        mute_store.idempotency.claim(make_claim("acme"))
    with pytest.raises(StorageError):
        mute_store.audit.newest("acme", limit=1)
