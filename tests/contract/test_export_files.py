"""ExportFiles on S3: a file as a stream, whose heading is known last."""

from collections.abc import Iterator
from urllib.request import urlopen

import pytest

from offhook.adapters.s3.export_files import S3ExportFiles
from offhook.adapters.s3.media import S3Media, s3_client
from offhook.errors import NotFoundError
from offhook.settings import Settings

PART = 5 * 1024 * 1024
"""The least that S3 takes for a part that is not the last one."""


@pytest.fixture
def files(media: S3Media, storage_settings: Settings) -> S3ExportFiles:
    return S3ExportFiles(storage_settings.media_bucket, s3_client(), part_bytes=PART)


@pytest.mark.parametrize(
    "pieces",
    [[], [b"one"], [b"one", b"two"], [b"y" * PART, b"z"], [b"k" * (PART // 2 + 1)] * 5],
    ids=["none", "one", "two", "a part and a bit", "several parts"],
)
def test_a_file_is_its_pieces_behind_a_heading_that_is_asked_for_last(
    files: S3ExportFiles, media: S3Media, organization_id: str, pieces: list[bytes]
) -> None:
    told: list[str] = []

    def coming() -> Iterator[bytes]:
        yield from pieces
        told.append("all pieces")

    def head() -> bytes:
        told.append("head")
        return b"heading\n"

    key = f"exports/{organization_id}/list.csv"
    size = files.write(key, coming(), head=head, content_type="text/csv")
    assert told == ["all pieces", "head"]
    assert media.get(key) == b"heading\n" + b"".join(pieces)
    assert size == len(media.get(key))
    with urlopen(files.link(key, seconds=60, download_name="list.csv"), timeout=10) as reply:
        assert reply.headers["Content-Type"] == "text/csv"


def test_a_file_that_breaks_off_is_not_there_and_leaves_no_parts(
    files: S3ExportFiles, media: S3Media, organization_id: str, storage_settings: Settings
) -> None:
    def breaking() -> Iterator[bytes]:
        yield b"x" * PART
        yield b"y" * PART
        raise RuntimeError("the store went away")

    key = f"exports/{organization_id}/list.csv"
    with pytest.raises(RuntimeError, match="went away"):
        files.write(key, breaking(), head=bytes, content_type="text/csv")
    with pytest.raises(NotFoundError):
        media.get(key)
    open_uploads = s3_client().list_multipart_uploads(Bucket=storage_settings.media_bucket).get("Uploads", [])
    assert [upload["Key"] for upload in open_uploads if upload["Key"] == key] == []
