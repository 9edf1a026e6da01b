"""What else an install stands on: its secret, its queues, its bucket, its key."""

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from local.doctor.clients import Clients
from local.doctor.finding import Finding, ill, well
from local.doctor.looking import UnwellError, looking
from offhook.adapters.sdk_errors import error_code
from offhook.adapters.secrets_manager.install_secret import read_install_secret
from offhook.errors import OffhookError
from offhook.settings import Settings

_DEPLOY = "deploy again"


def look_at_secret(_clients: Clients, settings: Settings) -> Iterator[Finding]:
    """Read the install secret, as every room does at its start."""
    try:
        read_install_secret(settings.install_secret_id)
    except OffhookError as error:
        yield ill("secret", error.detail)
    else:
        yield well("secret", "the install secret can be read")


def look_at_queues(clients: Clients, settings: Settings) -> Iterator[Finding]:
    """Look whether work is handed out, and whether any was given up."""
    for url in (settings.dial_queue_url, settings.aftercall_queue_url, settings.campaign_queue_url):
        name = url.rpartition("/")[2]
        try:
            with looking():
                yield _dead_letters(clients.of("sqs"), url, name)
        except UnwellError as error:
            yield ill("queue", f"{name} {_gone(error, 'NonExistentQueue')}")


def _dead_letters(sqs: Any, url: str, name: str) -> Finding:
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])
    policy = told.get("Attributes", {}).get("RedrivePolicy")
    if policy is None:
        return ill("queue", f"{name} has no dead-letter queue, so what fails is tried for ever: {_DEPLOY}")
    arn = str(json.loads(policy)["deadLetterTargetArn"])
    dead = sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=names)["Attributes"]
    if left := sum(int(attributes[each]) for each in names):
        return ill(
            "queue",
            f"{left} messages of {name} have failed each time: the function's log says why; once that is mended, have them "
            f"tried again (aws sqs start-message-move-task --source-arn {arn})",
        )
    return well("queue", f"{name} works, and nothing was given up")


def look_at_bucket(clients: Clients, settings: Settings) -> Iterator[Finding]:
    """Look whether recordings are private, and are deleted in time."""
    bucket = settings.media_bucket
    try:
        with looking():
            faults = list(_bucket_faults(clients.of("s3"), bucket))
    except UnwellError as error:
        yield ill("bucket", f"{bucket} {_gone(error, 'NoSuchBucket')}")
        return
    for fault in faults:
        yield ill("bucket", f"{bucket} {fault}: {_DEPLOY}")
    if not faults:
        yield well("bucket", f"{bucket} is private, and recordings are deleted in time")


def _bucket_faults(s3: Any, bucket: str) -> Iterator[str]:
    blocked = _or_none(s3.get_public_access_block, "NoSuchPublicAccessBlockConfiguration", Bucket=bucket)
    if blocked is None or not all(blocked["PublicAccessBlockConfiguration"].values()):
        yield "may be opened to the public"
    rules = _or_none(s3.get_bucket_lifecycle_configuration, "NoSuchLifecycleConfiguration", Bucket=bucket)
    if rules is None or not any(
        rule["Status"] == "Enabled" and "Expiration" in rule for rule in rules["Rules"]
    ):
        yield "keeps recordings for ever"


def _or_none(ask: Any, code: str, **arguments: str) -> Any:
    try:
        return ask(**arguments)
    except ClientError as error:
        if error_code(error) != code:
            raise
        return None


def look_at_key(clients: Clients, settings: Settings) -> Iterator[Finding]:
    """Look whether the carriers' secrets can be opened."""
    try:
        with looking():
            state = clients.of("kms").describe_key(KeyId=settings.kms_key_id)["KeyMetadata"]["KeyState"]
    except UnwellError as error:
        yield ill("key", f"the sealing key {_gone(error, 'NotFoundException')}")
        return
    if state == "PendingDeletion":
        advice = "without it every carrier's and tool's secret is lost: aws kms cancel-key-deletion, then enable-key"
        yield ill("key", f"the sealing key is to be deleted; {advice}")
    elif state != "Enabled":
        yield ill("key", f"the sealing key is {state}, so no call can be placed: aws kms enable-key")
    else:
        yield well("key", "the sealing key is enabled")


def _gone(error: UnwellError, code: str) -> str:
    if code in error.aws_code:
        return f"is not there: {_DEPLOY}"
    return error.detail
