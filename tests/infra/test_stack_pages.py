"""The pages on AWS: which of them the edge shows, how they come into their bucket, and with which headers they leave it."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest

from infra.bundles.bundle import PROJECT
from infra.pages.publish import handler, key_of
from tests.support.callback_receiver import CallbackReceiver, callback_receiver
from tests.support.literals import Literals
from tests.support.stack import Template

WEB = PROJECT / "web"
HEADERS = (WEB / "headers.json").read_text()
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
ARCHIVES = "archives-of-pages"


@pytest.fixture
def cloudformation() -> Iterator[CallbackReceiver]:
    """Where CloudFormation waits to be told."""
    with callback_receiver() as receiver:
        yield receiver


@pytest.fixture
def bucket(aws_endpoint_url: str) -> str:
    name = f"pages-{uuid4()}"
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=name)
    s3.create_bucket(Bucket=ARCHIVES)
    return name


def archive_of(files: Mapping[str, bytes]) -> str:
    """Upload a zip file as the CDK does, and return its key."""
    packed, key = io.BytesIO(), f"{uuid4()}.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("call/", b"")
        for name, content in files.items():
            archive.writestr(name, content)
    boto3.client("s3").put_object(Bucket=ARCHIVES, Key=key, Body=packed.getvalue())
    return key


def ask(cloudformation: CallbackReceiver, kind: str, bucket: str, archive: str) -> dict[str, Any]:
    """Have the function do something, and return what it tells."""
    event = {
        "RequestType": kind,
        "ResponseURL": f"{cloudformation.url}/response?signature=1",
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "Publication",
        "ResourceProperties": {"Bucket": bucket, "ArchiveBucket": ARCHIVES, "ArchiveKey": archive},
    }
    handler(event, None)
    told = cloudformation.next_delivery()
    # CloudFormation has signed for a request without any.
    assert (told.method, told.headers["content-type"]) == ("PUT", "")
    answer: dict[str, Any] = told.document
    assert (answer["StackId"], answer["RequestId"], answer["LogicalResourceId"]) == (
        "stack",
        "request",
        "Publication",
    )
    assert answer["PhysicalResourceId"] == bucket
    return answer


def keys_in(bucket: str) -> set[str]:
    return {each["Key"] for each in boto3.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])}


def test_every_file_lies_where_it_is_asked_for_with_its_type(
    cloudformation: CallbackReceiver, bucket: str
) -> None:
    files = {path.relative_to(WEB).as_posix(): path.read_bytes() for path in WEB.rglob("*") if path.is_file()}
    assert ask(cloudformation, "Create", bucket, archive_of(files))["Status"] == "SUCCESS"
    types = {
        ".js": "text/javascript; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".svg": "image/svg+xml",
    }
    for name, content in files.items():
        found = boto3.client("s3").get_object(Bucket=bucket, Key=key_of(name))
        assert found["Body"].read() == content
        assert found["CacheControl"] == "no-cache"
        if (kind := types.get(Path(name).suffix)) is not None:
            assert found["ContentType"] == kind
    call = boto3.client("s3").get_object(Bucket=bucket, Key="call")
    assert call["ContentType"] == "text/html; charset=utf-8"


def test_what_the_pages_no_longer_have_goes_and_with_the_stack_everything(
    cloudformation: CallbackReceiver, bucket: str
) -> None:
    former, later = (
        archive_of({"call.html": b"1", "old.js": b""}),
        archive_of({"call.html": b"2", "new.js": b""}),
    )
    ask(cloudformation, "Create", bucket, former)
    assert keys_in(bucket) == {"call", "web/old.js"}
    ask(cloudformation, "Update", bucket, later)
    assert keys_in(bucket) == {"call", "web/new.js"}
    assert boto3.client("s3").get_object(Bucket=bucket, Key="call")["Body"].read() == b"2"
    # As CloudFormation takes an update back.
    ask(cloudformation, "Update", bucket, former)
    assert keys_in(bucket) == {"call", "web/old.js"}
    assert ask(cloudformation, "Delete", bucket, former)["Status"] == "SUCCESS"
    assert keys_in(bucket) == set()


def test_cloudformation_is_told_what_went_wrong_and_the_former_pages_stay(
    cloudformation: CallbackReceiver, bucket: str
) -> None:
    ask(cloudformation, "Create", bucket, archive_of({"call.html": b"1"}))
    told = ask(cloudformation, "Update", bucket, "no-such.zip")
    assert told["Status"] == "FAILED"
    assert "NoSuchKey" in told["Reason"]
    assert keys_in(bucket) == {"call"}


def test_the_edge_shows_the_pages_and_what_they_are_made_of_from_their_bucket(template: Template) -> None:
    config = template.only("AWS::CloudFront::Distribution")["DistributionConfig"]
    shown = {
        each["PathPattern"]: each for each in config["CacheBehaviors"] if "/api/" not in each["PathPattern"]
    }
    for path in WEB.rglob("*"):
        if path.is_file():
            address = f"/{key_of(path.relative_to(WEB).as_posix())}"
            assert any(fnmatchcase(address, pattern) for pattern in shown), address
    ((bucket, _),) = [
        each for each in template.resources("AWS::S3::Bucket") if each[0].startswith("EdgePages")
    ]
    ((policy, _),) = template.resources("AWS::CloudFront::ResponseHeadersPolicy")
    ((access, control),) = template.resources("AWS::CloudFront::OriginAccessControl")
    for behaviour in shown.values():
        (origin,) = [each for each in config["Origins"] if each["Id"] == behaviour["TargetOriginId"]]
        assert origin["DomainName"] == {"Fn::GetAtt": [bucket, "RegionalDomainName"]}
        assert origin["OriginAccessControlId"] == {"Fn::GetAtt": [access, "Id"]}
        assert (behaviour["CachePolicyId"], behaviour["Compress"]) == (CACHING_OPTIMIZED, True)
        assert behaviour["ResponseHeadersPolicyId"] == {"Ref": policy}
        assert behaviour["ViewerProtocolPolicy"] == "redirect-to-https"
        assert behaviour.get("AllowedMethods", ["GET", "HEAD"]) == ["GET", "HEAD"]
        # Neither keys nor cookies go to a bucket.
        assert "OriginRequestPolicyId" not in behaviour
    # Whether the address `/` is looked at before or after its object is put in its place.
    assert shown.keys() >= {"/", f"/{config['DefaultRootObject']}"}
    assert config["DefaultRootObject"] == key_of("index.html")
    assert control["Properties"]["OriginAccessControlConfig"]["SigningBehavior"] == "always"


def test_nobody_but_the_edge_reads_the_bucket(template: Template) -> None:
    bucket = template.named("AWS::S3::Bucket", "EdgePages")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    statements = template.named("AWS::S3::BucketPolicy", "EdgePages")["PolicyDocument"]["Statement"]
    (allowed,) = [each for each in statements if each["Effect"] == "Allow"]
    assert (allowed["Action"], allowed["Principal"]) == (
        "s3:GetObject",
        {"Service": "cloudfront.amazonaws.com"},
    )
    ((distribution, _),) = template.resources("AWS::CloudFront::Distribution")
    assert distribution in json.dumps(allowed["Condition"]["StringEquals"]["AWS:SourceArn"])


def test_pages_have_the_same_headers_as_in_a_local_install_and_stay_with_https(template: Template) -> None:
    config = template.only("AWS::CloudFront::ResponseHeadersPolicy")["ResponseHeadersPolicyConfig"]
    security = config["SecurityHeadersConfig"]
    sent = {each["Header"]: each["Value"] for each in config["CustomHeadersConfig"]["Items"]} | {
        "Content-Security-Policy": security["ContentSecurityPolicy"]["ContentSecurityPolicy"],
        "Referrer-Policy": security["ReferrerPolicy"]["ReferrerPolicy"],
    }
    assert security["ContentTypeOptions"] == {"Override": True}
    literals = Literals(template)
    ((media, _),) = [
        each for each in template.resources("AWS::S3::Bucket") if each[0].startswith("DataMedia")
    ]
    origin = f"https://{literals.of({'Fn::GetAtt': [media, 'RegionalDomainName']})}"
    assert literals.of({**sent, "X-Content-Type-Options": "nosniff"}) == json.loads(
        HEADERS.replace("{media}", origin)
    )
    assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] == 365 * 24 * 3600
    assert "default-src 'self'" in literals.of(sent["Content-Security-Policy"])
    assert "microphone=(self)" in sent["Permissions-Policy"]


def test_the_function_that_lays_them_out_may_do_that_and_nothing_else(template: Template) -> None:
    function = template.named("AWS::Lambda::Function", "EdgePages")
    literals = Literals(template)
    ((role, made),) = [
        each for each in template.resources("AWS::IAM::Role") if each[0].startswith("EdgePages")
    ]
    assert function["Role"] == {"Fn::GetAtt": [role, "Arn"]}
    (policy,) = made["Properties"]["Policies"]
    allowed = {
        (action, json.dumps(literals.of(each["Resource"])))
        for each in policy["PolicyDocument"]["Statement"]
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    }
    assert {action for action, _ in allowed} == {
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
        "s3:DeleteObject",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    }
    (archive,) = {resource for action, resource in allowed if action == "s3:GetObject"}
    asked = template.only("Custom::Pages")
    assert archive.endswith(f'/{asked["ArchiveKey"]}"')
    assert int(asked["ServiceTimeout"]) >= 2 * function["Timeout"]
