"""The embedded AWS: DynamoDB and S3 in a child process, whose state outlives it."""

import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from botocore.exceptions import ClientError
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_s3 import S3Client

from tests.support.embedded_aws import embedded_aws


def _create_table(dynamodb: DynamoDBClient, name: str = "events") -> None:
    dynamodb.create_table(
        TableName=name,
        KeySchema=[
            {"AttributeName": "run", "KeyType": "HASH"},
            {"AttributeName": "seq", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "run", "AttributeType": "S"},
            {"AttributeName": "seq", "AttributeType": "N"},
            {"AttributeName": "status", "AttributeType": "S"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-status",
                "KeySchema": [{"AttributeName": "status", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )


def _put(dynamodb: DynamoDBClient, run: str, seq: int, **attributes: str) -> None:
    item = {"run": {"S": run}, "seq": {"N": str(seq)}, **{k: {"S": v} for k, v in attributes.items()}}
    dynamodb.put_item(TableName="events", Item=item)


def _create_bucket(s3: S3Client) -> None:
    s3.create_bucket(Bucket="media", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})


def _seqs(dynamodb: DynamoDBClient, run: str) -> list[str]:
    found = dynamodb.query(
        TableName="events",
        KeyConditionExpression="#r = :r",
        ExpressionAttributeNames={"#r": "run"},
        ExpressionAttributeValues={":r": {"S": run}},
    )
    return [item["seq"]["N"] for item in found["Items"]]


def test_acknowledged_items_survive_a_kill(tmp_path: Path) -> None:
    nested = {"M": {"lines": {"L": [{"S": "hello"}, {"N": "3"}, {"BOOL": True}, {"B": b"\x00\xff"}]}}}
    with embedded_aws(tmp_path) as aws:
        dynamodb = aws.dynamodb()
        _create_table(dynamodb)
        for seq in (1, 2, 10, 3):
            _put(dynamodb, "a", seq, status="live")
        dynamodb.update_item(
            TableName="events",
            Key={"run": {"S": "a"}, "seq": {"N": "2"}},
            UpdateExpression="SET #s = :s, nested = :n",
            ExpressionAttributeNames={"#s": "status"},
            ExpressionAttributeValues={":s": {"S": "done"}, ":n": nested},
        )
        dynamodb.delete_item(TableName="events", Key={"run": {"S": "a"}, "seq": {"N": "3"}})
        dynamodb.update_time_to_live(
            TableName="events", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"}
        )
        aws.process.kill()

    with embedded_aws(tmp_path) as aws:
        dynamodb = aws.dynamodb()
        assert _seqs(dynamodb, "a") == ["1", "2", "10"]
        updated = dynamodb.get_item(TableName="events", Key={"run": {"S": "a"}, "seq": {"N": "2"}})["Item"]
        assert updated == {"run": {"S": "a"}, "seq": {"N": "2"}, "status": {"S": "done"}, "nested": nested}
        by_status = dynamodb.query(
            TableName="events",
            IndexName="by-status",
            KeyConditionExpression="#s = :s",
            ExpressionAttributeNames={"#s": "status"},
            ExpressionAttributeValues={":s": {"S": "live"}},
        )
        assert [item["seq"]["N"] for item in by_status["Items"]] == ["1", "10"]
        ttl = dynamodb.describe_time_to_live(TableName="events")["TimeToLiveDescription"]
        assert ttl["TimeToLiveStatus"] == "ENABLED"


def test_objects_survive_a_kill_and_serve_presigned_ranges(tmp_path: Path) -> None:
    with embedded_aws(tmp_path) as aws:
        s3 = aws.s3()
        _create_bucket(s3)
        s3.put_object(
            Bucket="media",
            Key="run/ä b.wav",
            Body=b"0123456789",
            ContentType="audio/wav",
            Metadata={"run": "7"},
            Tagging="kind=recording",
        )
        for name in ("x", "y", "z"):
            s3.put_object(Bucket="media", Key=name, Body=name.encode())
        s3.delete_object(Bucket="media", Key="x")
        s3.delete_objects(Bucket="media", Delete={"Objects": [{"Key": "y"}]})
        upload = s3.create_multipart_upload(Bucket="media", Key="joined")["UploadId"]
        part = s3.upload_part(Bucket="media", Key="joined", UploadId=upload, PartNumber=1, Body=b"whole")
        s3.complete_multipart_upload(
            Bucket="media",
            Key="joined",
            UploadId=upload,
            MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
        )
        etag = s3.head_object(Bucket="media", Key="run/ä b.wav")["ETag"]
        aws.process.kill()

    with embedded_aws(tmp_path) as aws:
        s3 = aws.s3()
        listed = s3.list_objects_v2(Bucket="media")["Contents"]
        assert {o["Key"]: o["Size"] for o in listed} == {"run/ä b.wav": 10, "z": 1, "joined": 5}
        head = s3.head_object(Bucket="media", Key="run/ä b.wav")
        assert (head["ETag"], head["ContentType"], head["Metadata"]) == (etag, "audio/wav", {"run": "7"})
        tags = s3.get_object_tagging(Bucket="media", Key="run/ä b.wav")["TagSet"]
        assert tags == [{"Key": "kind", "Value": "recording"}]
        url = s3.generate_presigned_url("get_object", Params={"Bucket": "media", "Key": "run/ä b.wav"})
        reply = httpx.get(url, headers={"Range": "bytes=2-4"})
        assert (reply.status_code, reply.content) == (206, b"234")
        assert s3.get_object(Bucket="media", Key="joined")["Body"].read() == b"whole"


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    with embedded_aws() as aws:
        dynamodb = aws.dynamodb()
        _create_table(dynamodb)
        _put(dynamodb, "a", 1)
        put_new = {
            "Put": {"TableName": "events", "Item": {"run": {"S": "b"}, "seq": {"N": "1"}, "v": {"S": "new"}}}
        }
        only_if_absent = {
            "Put": {
                "TableName": "events",
                "Item": {"run": {"S": "a"}, "seq": {"N": "1"}, "v": {"S": "second"}},
                "ConditionExpression": "attribute_not_exists(seq)",
            }
        }
        with pytest.raises(ClientError, match="TransactionCanceledException") as refused:
            dynamodb.transact_write_items(TransactItems=[put_new, only_if_absent])  # type: ignore[list-item]
        assert [r["Code"] for r in refused.value.response["CancellationReasons"]] == [
            "None",
            "ConditionalCheckFailed",
        ]
        assert _seqs(dynamodb, "b") == []
        delete = {"Delete": {"TableName": "events", "Key": {"run": {"S": "a"}, "seq": {"N": "1"}}}}
        dynamodb.transact_write_items(TransactItems=[put_new, delete])  # type: ignore[list-item]
        assert _seqs(dynamodb, "a") == []
        assert _seqs(dynamodb, "b") == ["1"]


def test_queries_page_and_filter_by_range() -> None:
    with embedded_aws() as aws:
        dynamodb = aws.dynamodb()
        _create_table(dynamodb)
        for seq in range(1, 8):
            _put(dynamodb, "a", seq)
            _put(dynamodb, "other", seq)
        page = dynamodb.query(
            TableName="events",
            KeyConditionExpression="#r = :r AND seq > :after",
            ExpressionAttributeNames={"#r": "run"},
            ExpressionAttributeValues={":r": {"S": "a"}, ":after": {"N": "2"}},
            Limit=2,
        )
        assert [item["seq"]["N"] for item in page["Items"]] == ["3", "4"]
        rest = dynamodb.query(
            TableName="events",
            KeyConditionExpression="#r = :r AND seq > :after",
            ExpressionAttributeNames={"#r": "run"},
            ExpressionAttributeValues={":r": {"S": "a"}, ":after": {"N": "2"}},
            ExclusiveStartKey=page["LastEvaluatedKey"],
        )
        assert [item["seq"]["N"] for item in rest["Items"]] == ["5", "6", "7"]


def test_a_record_torn_by_a_crash_is_dropped_with_a_notice(tmp_path: Path) -> None:
    with embedded_aws(tmp_path) as aws:
        dynamodb = aws.dynamodb()
        _create_table(dynamodb)
        _put(dynamodb, "a", 1)
        _put(dynamodb, "a", 2)
    log = tmp_path / "journal.log"
    log.write_bytes(log.read_bytes()[:-5])

    with embedded_aws(tmp_path, stderr=subprocess.PIPE) as aws:
        dynamodb = aws.dynamodb()
        assert _seqs(dynamodb, "a") == ["1"]
        _put(dynamodb, "a", 3)
        aws.process.terminate()
        assert aws.process.stderr
        assert "not written completely" in aws.process.stderr.read()
    with embedded_aws(tmp_path) as aws:
        assert _seqs(aws.dynamodb(), "a") == ["1", "3"]


def test_a_dropped_table_comes_back_empty_when_made_again(tmp_path: Path) -> None:
    with embedded_aws(tmp_path) as aws:
        dynamodb = aws.dynamodb()
        _create_table(dynamodb)
        _put(dynamodb, "a", 1)
        dynamodb.delete_table(TableName="events")
        _create_table(dynamodb)
        _put(dynamodb, "a", 2)
        _create_table(dynamodb, "gone")
        dynamodb.delete_table(TableName="gone")
    with embedded_aws(tmp_path) as aws:
        assert _seqs(aws.dynamodb(), "a") == ["2"]
        assert aws.dynamodb().list_tables()["TableNames"] == ["events"]


def test_a_second_process_may_not_use_the_same_folder(tmp_path: Path) -> None:
    with embedded_aws(tmp_path):
        command = [sys.executable, "-m", "local.aws.server", "--data", str(tmp_path)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as second:
            assert second.wait(timeout=30) == 1
            assert second.stderr
            assert "Another Offhook is using the data folder" in second.stderr.read()


def test_whoever_asks_before_it_sends_an_object_is_answered_at_once() -> None:
    head = b"PUT /media/one HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
    with embedded_aws() as aws:
        _create_bucket(aws.s3())
        url = urlsplit(aws.url)
        with socket.create_connection((url.hostname or "", url.port or 0), timeout=10) as connection:
            connection.sendall(head)
            # Without this answer nothing else would come: the content is sent after it alone.
            assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
            connection.sendall(b"abc")
            assert connection.recv(100).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("way", ["sigterm", "parent gone"])
def test_it_ends_when_told_and_when_its_parent_is_gone(way: str) -> None:
    with embedded_aws() as aws:
        if way == "sigterm":
            aws.process.terminate()
        else:
            aws.stdin.close()
        assert aws.process.wait(timeout=10) == 0
