"""Audio and transcripts in one S3 bucket."""

import os
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from botocore.exceptions import ClientError

from offhook.adapters.sdk import make_client
from offhook.adapters.sdk_errors import error_code, sdk_errors
from offhook.errors import NotFoundError, StorageError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# The SDK's own.
_ENDPOINT_VARIABLES = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
_KEYS_PER_DELETE = 1000
_MISSING = ("NoSuchKey", "404")


def s3_client() -> "S3Client":
    """Build a client from the SDK's own environment, with time limits.

    Buckets are addressed by their host names of the region, which pages are allowed to load from; at an endpoint of one's
    own by path, since that has no name for each of them.
    """
    has_own_endpoint = any(os.environ.get(name) for name in _ENDPOINT_VARIABLES)
    client = make_client(
        "s3",
        read_timeout=10,
        max_pool_connections=32,
        signature_version="s3v4",
        s3={
            "addressing_style": "path" if has_own_endpoint else "virtual",
            "us_east_1_regional_endpoint": "regional",
        },
    )
    return cast("S3Client", client)


class S3Bucket:
    """One bucket, and the client for it, made when it is first asked; safe to share between threads."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    @cached_property
    def _client(self) -> "S3Client":
        return s3_client()


class S3Media(S3Bucket):
    """Implements MediaStore."""

    def put(self, key: str, body: bytes, content_type: str) -> None:
        with sdk_errors("S3"):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)

    def get(self, key: str) -> bytes:
        with sdk_errors("S3"):
            try:
                return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            except ClientError as error:
                if error_code(error) not in _MISSING:
                    raise
                raise NotFoundError("There is no such recording or transcript any more.") from error

    def keys(self, prefix: str) -> list[str]:
        with sdk_errors("S3"):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def delete(self, keys: Sequence[str]) -> None:
        with sdk_errors("S3"):
            for start in range(0, len(keys), _KEYS_PER_DELETE):
                batch = keys[start : start + _KEYS_PER_DELETE]
                reply = self._client.delete_objects(
                    Bucket=self._bucket, Delete={"Objects": [{"Key": key} for key in batch], "Quiet": True}
                )
                # The reply is a good one all the same.
                if reply.get("Errors"):
                    raise StorageError("S3 has not deleted all that it was to delete: try again.")

    def link(self, key: str, *, seconds: int, download_name: str) -> str:
        with sdk_errors("S3"):
            return self._client.generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": self._bucket,
                    "Key": key,
                    "ResponseContentDisposition": f"attachment; filename*=UTF-8''{quote(download_name, safe='')}",
                },
                ExpiresIn=seconds,
            )
