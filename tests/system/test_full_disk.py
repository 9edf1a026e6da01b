"""A disk that takes nothing more: what was acknowledged is kept, the rest is refused, reading goes on."""

import resource
import shlex
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from botocore.exceptions import ClientError
from mypy_boto3_dynamodb import DynamoDBClient

from local.install.seed import Secrets
from tests.support.embedded_aws import SERVER, EmbeddedAws, embedded_aws
from tests.support.processes import command_of, descendants, is_alive
from tests.support.whole_install import WholeInstall, wait_for_end_of, whole_install

_KEY = {"pk": {"S": "a"}}


def fill_disk(pid: int, folder: Path) -> None:
    """Have the journal not grow any more: the system refuses each byte, as it does on a full disk."""
    _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, ((folder / "journal.log").stat().st_size, most))


def free_disk(pid: int) -> None:
    _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))


def create_table(dynamodb: DynamoDBClient, name: str) -> None:
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def put(dynamodb: DynamoDBClient, key: str, value: int) -> None:
    dynamodb.put_item(TableName="runs", Item={"pk": {"S": key}, "v": {"N": str(value)}})


def values(dynamodb: DynamoDBClient) -> dict[str, str]:
    items = dynamodb.scan(TableName="runs")["Items"]
    return {item["pk"]["S"]: item["v"]["N"] for item in items}


def refused(write: Callable[[], object]) -> str:
    """Return the sentence with which a write is refused."""
    with pytest.raises(ClientError) as caught:
        write()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    return caught.value.response["Error"]["Message"]


def seed(aws: EmbeddedAws) -> None:
    create_table(aws.dynamodb(), "runs")
    put(aws.dynamodb(), "a", 1)
    put(aws.dynamodb(), "b", 1)
    aws.s3().create_bucket(Bucket="media", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    aws.s3().put_object(Bucket="media", Key="old", Body=b"old")


def try_every_write(aws: EmbeddedAws) -> list[str]:
    """Try to change what is there in each way that there is; return the sentences."""
    dynamodb, s3 = aws.dynamodb(), aws.s3()
    added = {"pk": {"S": "c"}, "v": {"N": "2"}}
    writes: list[Callable[[], object]] = [
        lambda: put(dynamodb, "c", 2),
        lambda: put(dynamodb, "a", 2),
        lambda: dynamodb.update_item(
            TableName="runs",
            Key=_KEY,
            UpdateExpression="SET v = :v",
            ExpressionAttributeValues={":v": {"N": "2"}},
        ),
        lambda: dynamodb.delete_item(TableName="runs", Key=_KEY),
        lambda: dynamodb.batch_write_item(RequestItems={"runs": [{"PutRequest": {"Item": added}}]}),
        lambda: dynamodb.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": "runs", "Item": added}},
                {"Delete": {"TableName": "runs", "Key": _KEY}},
            ]
        ),
        lambda: create_table(dynamodb, "more"),
        lambda: dynamodb.delete_table(TableName="runs"),
        lambda: s3.put_object(Bucket="media", Key="new", Body=b"new"),
        lambda: s3.put_object(Bucket="media", Key="old", Body=b"newer"),
        lambda: s3.delete_object(Bucket="media", Key="old"),
        lambda: s3.delete_objects(Bucket="media", Delete={"Objects": [{"Key": "old"}]}),
    ]
    return [refused(write) for write in writes]


def assert_as_seeded(aws: EmbeddedAws) -> None:
    assert aws.dynamodb().list_tables()["TableNames"] == ["runs"]
    assert values(aws.dynamodb()) == {"a": "1", "b": "1"}
    (only,) = aws.s3().list_objects_v2(Bucket="media")["Contents"]
    assert only["Key"] == "old"
    assert aws.s3().get_object(Bucket="media", Key="old")["Body"].read() == b"old"


def test_what_a_full_disk_does_not_take_is_refused_and_was_never_there(tmp_path: Path) -> None:
    with embedded_aws(tmp_path) as aws:
        seed(aws)
        fill_disk(aws.process.pid, tmp_path)
        sentences = try_every_write(aws)
        assert all(str(tmp_path) in each and "Free some space" in each for each in sentences)
        assert_as_seeded(aws)
        aws.process.kill()
    with embedded_aws(tmp_path) as aws:
        assert_as_seeded(aws)


def test_once_there_is_room_again_it_goes_on_by_itself_and_keeps_all(tmp_path: Path) -> None:
    with embedded_aws(tmp_path) as aws:
        seed(aws)
        for round_ in range(3):
            fill_disk(aws.process.pid, tmp_path)
            refused(lambda: put(aws.dynamodb(), "a", 9))
            free_disk(aws.process.pid)
            put(aws.dynamodb(), f"c{round_}", round_)
        aws.s3().put_object(Bucket="media", Key="new", Body=b"new")
        aws.process.kill()
    with embedded_aws(tmp_path) as aws:
        assert values(aws.dynamodb()) == {"a": "1", "b": "1", "c0": "0", "c1": "1", "c2": "2"}
        assert aws.s3().get_object(Bucket="media", Key="new")["Body"].read() == b"new"


@pytest.mark.timeout(120)
def test_an_install_with_a_full_disk_keeps_what_it_answered_and_dials_nobody_twice(tmp_path: Path) -> None:
    data = tmp_path / "data"
    arguments = (tmp_path / "up", "--data", str(data))
    with WholeInstall(*arguments) as install:
        first = trigger(install, "first").json()["workflow_run_id"]
        install.wait_until_over(first)
        aws = embedded_aws_of(install)
        fill_disk(aws, data / "aws")
        assert {trigger(install, f"full-{n}").status_code for n in range(4)} == {503}
        assert install.run_ids() == [first]
        assert install.stderr.count("Free some space") == 1
        free_disk(aws)
        second = trigger(install, "full-0").json()["workflow_run_id"]
        assert install.wait_until_over(second)["status"] == "busy"
        assert install.stderr.count("can be written again") == 1
        fill_disk(aws, data / "aws")
        assert trigger(install, "full-1").status_code == 503
        family = install.kill(with_children=True)
        wait_for_end_of(family)
    with whole_install(*arguments) as install:
        assert install.run_ids() == [second, first]
        for key, run_id in (("first", first), ("full-0", second)):
            reply = trigger(install, key)
            assert reply.headers["Idempotent-Replayed"] == "true"
            assert reply.json()["workflow_run_id"] == run_id
        third = trigger(install, "full-1").json()["workflow_run_id"]
        assert install.wait_until_over(third)["status"] == "busy"
        assert install.run_ids() == [third, second, first]


def trigger(install: WholeInstall, key: str) -> httpx.Response:
    """Have the demo agent call somebody who is busy, under an idempotency key."""
    return install.http.post(
        install.trigger, json={"phone_number": "+15555550105"}, headers={"Idempotency-Key": key}
    )


def embedded_aws_of(install: WholeInstall) -> int:
    (child,) = [
        each
        for each in descendants(install.process.pid)
        if is_alive(each) and "local.aws.server" in command_of(each)
    ]
    return child.pid


@pytest.mark.skipif(
    subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "true"], check=False).returncode != 0,
    reason="no file system of a test's own may be mounted here",
)
def test_a_file_system_without_any_room_is_such_a_disk(tmp_path: Path) -> None:
    script = f"mount -t tmpfs -o size=3m tmpfs {tmp_path} && exec {shlex.join(SERVER)} --data {tmp_path}/aws"
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script]
    with embedded_aws(command=command) as aws:
        seed(aws)
        # As this process sees that file system, which is mounted for the other one alone.
        folder = Path(f"/proc/{aws.process.pid}/root{tmp_path}")
        filler = folder / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        big = {"pk": {"S": "big"}, "v": {"N": "1"}, "text": {"S": "x" * 300_000}}
        sentence = refused(lambda: aws.dynamodb().put_item(TableName="runs", Item=big))
        assert "No space left on device" in sentence
        assert_as_seeded(aws)
        filler.unlink()
        put(aws.dynamodb(), "c", 1)
        assert values(aws.dynamodb()) == {"a": "1", "b": "1", "c": "1"}


def test_secrets_that_a_full_disk_did_not_take_are_made_at_the_next_start(tmp_path: Path) -> None:
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, former[1]))
    try:
        with pytest.raises(OSError, match="large"):
            Secrets.keep_in(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)
    assert list(tmp_path.iterdir()) == []
    made = Secrets.keep_in(tmp_path)
    assert Secrets.keep_in(tmp_path) == made
