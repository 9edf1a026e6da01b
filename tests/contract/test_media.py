"""MediaStore on S3."""

from urllib.error import HTTPError
from urllib.parse import unquote
from urllib.request import urlopen

import pytest

from offhook.adapters.s3.media import S3Media, s3_client
from offhook.errors import NotFoundError, StorageError

pytestmark = pytest.mark.every_python


def test_an_object_comes_back_as_it_was_put_and_can_be_replaced(media: S3Media, organization_id: str) -> None:
    key = f"org/{organization_id}/a b+ü.bin"
    for body in (bytes(range(256)), b""):
        media.put(key, body, "audio/wav")
        assert media.get(key) == body


def test_an_object_that_is_not_there_is_not_found(media: S3Media, organization_id: str) -> None:
    with pytest.raises(NotFoundError):
        media.get(f"org/{organization_id}/nothing")


def test_keys_are_listed_in_order_under_their_prefix_alone(media: S3Media, organization_id: str) -> None:
    keys = [f"org/{organization_id}/{name}" for name in ("b", "a/2", "a/1")]
    for key in [*keys, f"org/{organization_id}-not/a"]:
        media.put(key, b"", "text/plain")
    assert media.keys(f"org/{organization_id}/") == sorted(keys)
    assert media.keys(f"org/{organization_id}/a/") == sorted(keys)[:2]


def test_deleting_takes_what_is_there_and_no_more(media: S3Media, organization_id: str) -> None:
    first, second = f"org/{organization_id}/1", f"org/{organization_id}/2"
    media.put(first, b"", "text/plain")
    media.put(second, b"", "text/plain")
    media.delete([first, f"org/{organization_id}/nothing"])
    media.delete([])
    assert media.keys(f"org/{organization_id}/") == [second]


def test_a_link_needs_no_credentials_and_names_the_file(media: S3Media, organization_id: str) -> None:
    key = f"org/{organization_id}/recording.wav"
    media.put(key, b"audio", "audio/wav")
    with urlopen(media.link(key, seconds=60, download_name='run "1" ü.wav'), timeout=10) as reply:
        assert reply.read() == b"audio"
        assert reply.headers["Content-Type"] == "audio/wav"
        assert unquote(reply.headers["Content-Disposition"]) == (
            "attachment; filename*=UTF-8''run \"1\" ü.wav"
        )


def test_a_link_to_nothing_opens_nothing(media: S3Media, organization_id: str) -> None:
    url = media.link(f"org/{organization_id}/nothing", seconds=60, download_name="x")
    with pytest.raises(HTTPError, match=r"40[34]") as caught:
        urlopen(url, timeout=10)
    caught.value.close()


def test_a_missing_bucket_is_a_storage_error(aws_endpoint_url: str) -> None:
    nowhere = S3Media("not-there", s3_client(endpoint_url=aws_endpoint_url))
    with pytest.raises(StorageError):
        nowhere.put("key", b"", "text/plain")
    with pytest.raises(StorageError):
        nowhere.get("key")
