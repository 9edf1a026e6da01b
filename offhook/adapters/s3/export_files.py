"""Files in S3 that are written part by part, by one process after the other."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from offhook.adapters.s3.media import S3Media
from offhook.adapters.sdk_errors import error_code, sdk_errors
from offhook.campaigns.exports import UploadLostError

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedMultipartUploadTypeDef

_LOST = ("NoSuchUpload", "InvalidPart")


class S3ExportFiles(S3Media):
    """Implements ExportFiles."""

    def begin(self, key: str, content_type: str) -> str:
        with sdk_errors("S3"):
            begun = self._client.create_multipart_upload(
                Bucket=self._bucket, Key=key, ContentType=content_type
            )
        return begun["UploadId"]

    def add(self, key: str, upload_id: str, number: int, body: bytes) -> str:
        with sdk_errors("S3"), _lost_uploads():
            reply = self._client.upload_part(
                Bucket=self._bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=body
            )
        return reply["ETag"]

    def complete(self, key: str, upload_id: str, etags: Sequence[str]) -> None:
        parts: CompletedMultipartUploadTypeDef = {
            "Parts": [{"PartNumber": n, "ETag": etag} for n, etag in enumerate(etags, start=1)]
        }
        with sdk_errors("S3"), _lost_uploads():
            self._client.complete_multipart_upload(
                Bucket=self._bucket, Key=key, UploadId=upload_id, MultipartUpload=parts
            )


@contextmanager
def _lost_uploads() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error_code(error) not in _LOST:
            raise
        raise UploadLostError("The parts of this file are not there any more.") from error
