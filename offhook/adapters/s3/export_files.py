"""Files of unknown length in S3, written as they come about."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from offhook.adapters.s3.media import S3Media, s3_client
from offhook.adapters.sdk_errors import sdk_errors
from offhook.errors import StorageError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART_BYTES = 8 * 1024 * 1024
"""Of 10,000 parts that an upload may have, each of at least 5 MiB but the last: 80 GB, and as much memory as two of them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
"""


class S3ExportFiles:
    """Implements ExportFiles; safe to share between threads."""

    def __init__(
        self, bucket: str, client: "S3Client | None" = None, *, part_bytes: int = PART_BYTES
    ) -> None:
        self._bucket = bucket
        self._part_bytes = part_bytes
        if client is not None:
            self._client = client

    @cached_property
    def _client(self) -> "S3Client":
        return s3_client()

    def write(
        self, key: str, pieces: Iterable[bytes], *, head: Callable[[], bytes], content_type: str
    ) -> int:
        parts = self._parts(pieces)
        first = next(parts, b"")
        second = next(parts, None)
        if second is None:
            whole = head() + first
            with sdk_errors("S3"):
                self._client.put_object(Bucket=self._bucket, Key=key, Body=whole, ContentType=content_type)
            return len(whole)
        upload = _Upload(self._client, self._bucket, key, content_type)
        try:
            written = upload.put(2, second) + sum(
                upload.put(n, part) for n, part in enumerate(parts, start=3)
            )
            written += upload.put(1, head() + first)
            upload.complete()
        except BaseException:
            upload.abort()
            raise
        return written

    def link(self, key: str, *, seconds: int, download_name: str) -> str:
        media = S3Media(self._bucket, self._client)
        return media.link(key, seconds=seconds, download_name=download_name)

    def _parts(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        part = bytearray()
        for piece in pieces:
            part += piece
            if len(part) >= self._part_bytes:
                yield bytes(part)
                part.clear()
        if part:
            yield bytes(part)


class _Upload:
    """An object in parts, which is there once all of them are."""

    def __init__(self, client: "S3Client", bucket: str, key: str, content_type: str) -> None:
        self._client = client
        self._parts: list[CompletedPartTypeDef] = []
        with sdk_errors("S3"):
            begun = client.create_multipart_upload(Bucket=bucket, Key=key, ContentType=content_type)
        self._names = (bucket, key, begun["UploadId"])

    def put(self, number: int, body: bytes) -> int:
        bucket, key, upload_id = self._names
        with sdk_errors("S3"):
            reply = self._client.upload_part(
                Bucket=bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=body
            )
        self._parts.append({"PartNumber": number, "ETag": reply["ETag"]})
        return len(body)

    def complete(self) -> None:
        bucket, key, upload_id = self._names
        parts = sorted(self._parts, key=lambda part: part["PartNumber"])
        with sdk_errors("S3"):
            self._client.complete_multipart_upload(
                Bucket=bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts}
            )

    def abort(self) -> None:
        """Have S3 forget the parts; where that fails, the bucket's lifecycle does it a day later."""
        bucket, key, upload_id = self._names
        with suppress(StorageError), sdk_errors("S3"):
            self._client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload_id)
