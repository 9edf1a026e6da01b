"""MediaStore on S3."""

from io import BytesIO
from typing import Any
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit
from urllib.request import urlopen

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from urllib3 import HTTPResponse

from offhook.adapters.s3.media import S3Media
from offhook.errors import NotFoundError, StorageError

pytestmark = pytest.mark.every_python

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
HOSTS = {
    "us-east-1": "acme-media.s3.us-east-1.amazonaws.com",
    "eu-west-1": "acme-media.s3.eu-west-1.amazonaws.com",
}


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


def test_what_stays_although_it_was_to_be_deleted_is_a_storage_error(
    media: S3Media, organization_id: str
) -> None:
    def keep(parsed: dict[str, Any], **_: object) -> None:
        parsed["Errors"] = [
            {"Key": "x", "Code": "InternalError", "Message": "We encountered an internal error."}
        ]

    events = media._client.meta.events
    events.register("after-call.s3.DeleteObjects", keep)
    try:
        with pytest.raises(StorageError, match="not deleted"):
            media.delete([f"org/{organization_id}/1"])
    finally:
        events.unregister("after-call.s3.DeleteObjects", keep)


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


@pytest.mark.usefixtures("aws_endpoint_url")
def test_a_missing_bucket_is_a_storage_error() -> None:
    nowhere = S3Media("not-there")
    with pytest.raises(StorageError):
        nowhere.put("key", b"", "text/plain")
    with pytest.raises(StorageError):
        nowhere.get("key")


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_on_aws_a_bucket_is_addressed_by_its_host_name(region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def note(request: Any, **_: object) -> Any:
        asked.append(request.url)
        return AWSResponse(request.url, 200, HTTPHeaders(), HTTPResponse(BytesIO(), preload_content=False))

    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for name, value in {**CREDENTIALS, "AWS_DEFAULT_REGION": region}.items():
        monkeypatch.setenv(name, value)
    media = S3Media("acme-media")
    media._client.meta.events.register("before-send.s3.*", note)
    media.put("org/a/1", b"", "text/plain")
    asked.append(media.link("org/a/1", seconds=60, download_name="a.wav"))
    hosts = [urlsplit(url).hostname for url in asked]
    assert hosts == [HOSTS[region]] * 2
    assert [urlsplit(url).path for url in asked] == ["/org/a/1"] * 2


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"])
def test_at_an_endpoint_of_ones_own_a_bucket_is_addressed_by_path(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for name, value in {**CREDENTIALS, variable: "http://storage.example:9000"}.items():
        monkeypatch.setenv(name, value)
    link = S3Media("acme-media").link("org/a/1", seconds=60, download_name="a.wav")
    assert link.startswith("http://storage.example:9000/acme-media/org/a/1?")
