"""Lays the pages into their bucket when CloudFormation says so, and takes them away with the stack.

Its text is the function's code, so it needs nothing but what Lambda's runtime has. What CloudFormation hands over:
`Bucket`, and the `ArchiveBucket` and `ArchiveKey` of a zip file of `web/`.
"""

import io
import json
import mimetypes
import urllib.request
import zipfile
from collections.abc import Mapping
from typing import Any

from botocore.session import Session


def handler(event: dict[str, Any], _: object) -> None:
    """Do what is asked and say how that went: CloudFormation waits for whoever says nothing."""
    status, reason = "SUCCESS", ""
    asked = event["ResourceProperties"]
    try:
        s3 = Session().create_client("s3")
        is_leaving = event["RequestType"] == "Delete"
        files = {} if is_leaving else read_files(s3, asked["ArchiveBucket"], asked["ArchiveKey"])
        lay_out(s3, asked["Bucket"], files)
    except Exception as error:  # noqa: BLE001 - the top of what CloudFormation asks for
        status, reason = "FAILED", f"{type(error).__name__}: {error}"
    tell(event, Status=status, Reason=reason)


def read_files(s3: Any, bucket: str, key: str) -> dict[str, bytes]:
    """Return what there has to be, by where it is asked for."""
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {key_of(name): archive.read(name) for name in archive.namelist() if not name.endswith("/")}


def key_of(name: str) -> str:
    """Return where a file of web/ is asked for: pages at the top and without their ending, all else below /web/."""
    is_page = name.endswith(".html") and "/" not in name
    return name.removesuffix(".html") if is_page else f"web/{name}"


def lay_out(s3: Any, bucket: str, files: Mapping[str, bytes]) -> None:
    """Put what pages are made of, then the pages, and only then remove what none of them asks for any more."""
    for key in sorted(files, key=lambda key: (not key.startswith("web/"), key)):
        headers = {"ContentType": type_of(key), "CacheControl": "no-cache"}
        s3.put_object(Bucket=bucket, Key=key, Body=files[key], **headers)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for key in {each["Key"] for each in page.get("Contents", ())} - files.keys():
            s3.delete_object(Bucket=bucket, Key=key)


def type_of(key: str) -> str:
    """Return the Content-Type; browsers run no module that is called anything else."""
    kind = (
        mimetypes.guess_type(key if key.startswith("web/") else f"{key}.html")[0]
        or "application/octet-stream"
    )
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def tell(event: Mapping[str, Any], **outcome: str) -> None:
    named = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    # The same name always: at another CloudFormation would have the pages of the former one removed, which are these.
    body = json.dumps(
        {**named, **outcome, "PhysicalResourceId": event["ResourceProperties"]["Bucket"]}
    ).encode()
    request = urllib.request.Request(event["ResponseURL"], body, {"Content-Type": ""}, method="PUT")  # noqa: S310
    urllib.request.urlopen(request, timeout=10).close()  # noqa: S310 - an address of CloudFormation's
