"""ExportFiles on S3: files in parts, which whoever goes on with them may write again."""

from urllib.request import urlopen

import pytest

from offhook.adapters.s3.export_files import S3ExportFiles
from offhook.adapters.s3.media import S3Media
from offhook.campaigns.exporting import PART_BYTES
from offhook.campaigns.exports import UploadLostError
from offhook.errors import NotFoundError
from offhook.settings import Settings

CSV = "text/csv; charset=utf-8"


@pytest.fixture
def files(media: S3Media, storage_settings: Settings) -> S3ExportFiles:
    return S3ExportFiles(storage_settings.media_bucket)


def test_a_file_is_there_once_all_of_its_parts_are(files: S3ExportFiles, organization_id: str) -> None:
    key = f"exports/{organization_id}/list.csv"
    upload_id = files.begin(key, CSV)
    files.add(key, upload_id, 2, b"dropped")
    last = files.add(key, upload_id, 2, b"z")
    first = files.add(key, upload_id, 1, b"y" * PART_BYTES)
    with pytest.raises(NotFoundError):
        files.get(key)
    files.complete(key, upload_id, [first, last])
    assert files.get(key) == b"y" * PART_BYTES + b"z"
    with urlopen(files.link(key, seconds=60, download_name="list.csv"), timeout=10) as reply:
        assert reply.headers["Content-Type"] == CSV
    # What is done is over.
    with pytest.raises(UploadLostError):
        files.add(key, upload_id, 3, b"more")


def test_parts_that_are_not_those_that_were_written_down_make_no_file(
    files: S3ExportFiles, organization_id: str
) -> None:
    key = f"exports/{organization_id}/list.csv"
    upload_id = files.begin(key, CSV)
    noted = files.add(key, upload_id, 1, b"one")
    files.add(key, upload_id, 1, b"another")
    with pytest.raises(UploadLostError):
        files.complete(key, upload_id, [noted])
    with pytest.raises(NotFoundError):
        files.get(key)
