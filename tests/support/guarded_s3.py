"""An S3 that checks signatures and policies, and the container agent that hands out a role's credentials for it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import httpx

from tests.support.peers import listening, replies

BUCKET, KEY = "archives", "streamer.zip"
REGION = "us-east-1"
_ANYONE = {"aws_access_key_id": "setup", "aws_secret_access_key": "setup", "region_name": REGION}


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedS3:
    """A bucket with one object, and the keys of the role that may read it and nothing else."""

    url: str
    access_key_id: str
    secret_access_key: str
    token: str

    @property
    def address(self) -> str:
        """Where the object is."""
        return f"{self.url}/{BUCKET}/{KEY}"

    @contextmanager
    def agent(self, **changes: str) -> Iterator[dict[str, str]]:
        """Hand out the role's credentials; yield a container's environment that says where."""
        keys = {
            "AccessKeyId": self.access_key_id,
            "SecretAccessKey": self.secret_access_key,
            "Token": self.token,
            "Expiration": "2099-01-01T00:00:00Z",
        }
        document = json.dumps({**keys, **changes})
        answer = replies(f"HTTP/1.1 200 OK\nContent-Length: {len(document)}\n\n{document}")
        foreign = ("AWS_", "OFFHOOK_")
        ours = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        with listening(answer) as agent:
            yield {
                **ours,
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{agent.url}/credentials",
                "AWS_DEFAULT_REGION": REGION,
            }


@contextmanager
def guarded_s3(content: bytes) -> Iterator[GuardedS3]:
    """Put the object into a bucket of an AWS of its own, which from then on lets nobody do what no policy says."""
    command = [sys.executable, "-m", "tests.support.moto_process"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        url = process.stdout.readline().strip()
        keys = _set_up(url, content)
        httpx.post(f"{url}/moto-api/reset-auth", content=b"0", trust_env=False).raise_for_status()
        yield GuardedS3(
            url=url,
            access_key_id=keys["AccessKeyId"],
            secret_access_key=keys["SecretAccessKey"],
            token=keys["SessionToken"],
        )
        process.stdin.close()


def _set_up(url: str, content: bytes) -> Any:
    iam, sts, s3 = (
        boto3.client(name, endpoint_url=url, **_ANYONE)  # type: ignore[call-overload]
        for name in ("iam", "sts", "s3")
    )
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=content)
    role = iam.create_role(RoleName="task", AssumeRolePolicyDocument="{}")["Role"]
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/{KEY}"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName="task", PolicyName="archive", PolicyDocument=policy)
    return sts.assume_role(RoleArn=role["Arn"], RoleSessionName="task")["Credentials"]
