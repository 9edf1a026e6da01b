"""Files of contacts in the bucket, which a rule of it empties."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from offhook.adapters.s3.media import S3Bucket
from offhook.adapters.sdk_errors import error_code, sdk_errors
from offhook.campaigns.ports import FoundFile
from offhook.errors import ConflictError, NotFoundError

_BLOCK_BYTES = 1_048_576
_CONTENT_TYPE = "application/octet-stream"
_MISSING = ("NoSuchKey", "404", "NotFound")
_CHANGED = ("PreconditionFailed", "412")
_AT_ITS_END = ("InvalidRange", "416")


class S3ContactFiles(S3Bucket):
    """Implements ContactFiles."""

    def link(self, key: str, *, size_bytes: int, seconds: int) -> str:
        # The signature covers the length, which whoever sends the file must state.
        wanted = {"Bucket": self._bucket, "Key": key, "ContentLength": size_bytes}
        with sdk_errors("S3"):
            return self._client.generate_presigned_url("put_object", Params=wanted, ExpiresIn=seconds)

    def put(self, key: str, body: bytes) -> str:
        with sdk_errors("S3"):
            stored = self._client.put_object(
                Bucket=self._bucket, Key=key, Body=body, ContentType=_CONTENT_TYPE
            )
        return stored["ETag"]

    def find(self, key: str) -> FoundFile:
        with sdk_errors("S3"):
            try:
                head = self._client.head_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                raise _told(error) from error
        return FoundFile(tag=head["ETag"], size_bytes=head["ContentLength"])

    def blocks(self, key: str, tag: str, offset: int) -> Iterator[bytes]:
        """Read in requests of their own, since whoever reads stores what was read in between."""
        while block := self._block(key, tag, offset):
            yield block
            offset += len(block)
            if len(block) < _BLOCK_BYTES:
                return

    def _block(self, key: str, tag: str, offset: int) -> bytes:
        range_ = f"bytes={offset}-{offset + _BLOCK_BYTES - 1}"
        with sdk_errors("S3"):
            try:
                reply = self._client.get_object(Bucket=self._bucket, Key=key, Range=range_, IfMatch=tag)
                return reply["Body"].read()
            except ClientError as error:
                if error_code(error) in _AT_ITS_END:
                    return b""
                raise _told(error) from error


def _told(error: ClientError) -> Exception:
    if error_code(error) in _MISSING:
        return NotFoundError("There is no such file of contacts: send it to the URL of its upload first.")
    if error_code(error) in _CHANGED:
        return ConflictError("The file was replaced by another while it was read: import that one.")
    return error
