"""SecretBox: sealed by KMS, and by a key file."""

import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from local.aws.key_file import KeyFileSecretBox
from offhook.adapters.kms.secret_box import KmsSecretBox
from offhook.adapters.sdk import make_client
from offhook.errors import InvalidInputError, NotConfiguredError, StorageError
from offhook.telephony.ports import SecretBox

pytestmark = pytest.mark.every_python

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

CONTEXT = {"organization_id": "acme", "configuration_id": "1"}

MakeBox = Callable[[], SecretBox]


@pytest.fixture(scope="module")
def kms(aws_endpoint_url: str) -> "KMSClient":
    return cast("KMSClient", make_client("kms"))


@pytest.fixture(params=["kms", "key file"])
def make_box(request: pytest.FixtureRequest, tmp_path: Path) -> MakeBox:
    """Return a maker of boxes, each with a key of its own."""
    if request.param == "kms":
        client = request.getfixturevalue("kms")
        return lambda: KmsSecretBox(client.create_key()["KeyMetadata"]["KeyId"])
    names = iter(range(9))
    return lambda: KeyFileSecretBox(tmp_path / f"key-{next(names)}")


@pytest.mark.parametrize("secret", ["x", "a-token", "ü€😀", "x" * 4096])
def test_a_secret_is_opened_by_the_box_that_sealed_it(make_box: MakeBox, secret: str) -> None:
    box = make_box()
    sealed = box.seal(secret, CONTEXT)
    assert secret not in sealed or len(secret) == 1
    assert box.open(sealed, dict(reversed(CONTEXT.items()))) == secret


@pytest.mark.parametrize("context", [{}, {"organization_id": "acme"}, CONTEXT | {"configuration_id": "2"}])
def test_another_context_opens_nothing(make_box: MakeBox, context: dict[str, str]) -> None:
    box = make_box()
    with pytest.raises(InvalidInputError) as caught:
        box.open(box.seal("a-token", CONTEXT), context)
    assert "a-token" not in str(caught.value)


def test_another_key_opens_nothing(make_box: MakeBox) -> None:
    # KMS says that it is the wrong key, which is invalid input; moto says that the access is denied.
    with pytest.raises((InvalidInputError, StorageError)):
        make_box().open(make_box().seal("a-token", CONTEXT), CONTEXT)


@pytest.mark.parametrize(
    "sealed", ["", "kms1.", "file1.", "kms1.!", "file1.!", "kms1.AAAA", "file1.AAAA", "é"]
)
def test_what_was_never_sealed_is_refused(make_box: MakeBox, sealed: str) -> None:
    with pytest.raises(InvalidInputError):
        make_box().open(sealed, CONTEXT)


def test_a_sealed_secret_cannot_be_changed(make_box: MakeBox) -> None:
    box = make_box()
    sealed = box.seal("a-token", CONTEXT)
    middle = len(sealed) - 12
    other = "A" if sealed[middle] != "A" else "B"
    with pytest.raises(InvalidInputError):
        box.open(sealed[:middle] + other + sealed[middle + 1 :], CONTEXT)


@pytest.mark.parametrize("secret", ["", "x" * 4097, "ü" * 2049])
def test_no_box_takes_what_the_other_would_not(make_box: MakeBox, secret: str) -> None:
    with pytest.raises(InvalidInputError):
        make_box().seal(secret, CONTEXT)


def test_sealing_twice_shows_nothing_in_common(make_box: MakeBox) -> None:
    box = make_box()
    assert box.seal("a-token", CONTEXT) != box.seal("a-token", CONTEXT)


def test_kms_is_asked_once_for_what_is_opened_again(kms: "KMSClient") -> None:
    box = KmsSecretBox(kms.create_key()["KeyMetadata"]["KeyId"])
    sealed = box.seal("a-token", CONTEXT)
    asked: list[str] = []

    def note(model: object, **_: object) -> None:
        asked.append(str(getattr(model, "name", "")))

    box._client.meta.events.register("before-call.kms", note)
    try:
        assert [box.open(sealed, CONTEXT) for _ in range(3)] == ["a-token"] * 3
        assert asked == ["Decrypt"]
        with pytest.raises(InvalidInputError):
            box.open(sealed, {})
    finally:
        box._client.meta.events.unregister("before-call.kms", note)
    assert "a-token" not in repr(box)


@pytest.mark.usefixtures("aws_endpoint_url")
def test_an_unknown_kms_key_is_a_storage_error() -> None:
    box = KmsSecretBox("00000000-0000-0000-0000-000000000000")
    with pytest.raises(StorageError):
        box.seal("a-token", CONTEXT)


def test_a_key_file_is_its_owners_alone_and_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "new" / "key"
    sealed = KeyFileSecretBox(path).seal("a-token", CONTEXT)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert KeyFileSecretBox(path).open(sealed, CONTEXT) == "a-token"
    assert list(path.parent.iterdir()) == [path]


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        boxes = list(pool.map(KeyFileSecretBox, [tmp_path / "key"] * 8))
    assert {box.open(boxes[0].seal("a-token", CONTEXT), CONTEXT) for box in boxes} == {"a-token"}


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 44])
def test_a_file_that_is_no_key_file_is_left_alone_and_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    with pytest.raises(NotConfiguredError, match=str(path)):
        KeyFileSecretBox(path)
    assert path.read_bytes() == content
