"""Events as AWS hands them to functions: of an HTTP API (payload 2.0), of SQS, and of a rule with a schedule."""

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

ACCOUNT, REGION, API = "123456789012", "us-east-1", "a1b2c3d4e5"
VIEWER, EDGE = "198.51.100.7", "130.176.1.2"


def gateway_event(
    method: str, url: str, *, headers: Mapping[str, str] | None = None, body: str | None = None
) -> dict[str, Any]:
    """Return a request that CloudFront passed on: its own host is the API's, and the viewer stands in a header."""
    parts = urlsplit(url)
    host = f"{API}.execute-api.{REGION}.amazonaws.com"
    key = f"{method} {parts.path}"
    return {
        "version": "2.0",
        "routeKey": key,
        "rawPath": parts.path,
        "rawQueryString": parts.query,
        "headers": {
            "accept": "*/*",
            "content-length": str(len((body or "").encode())),
            "content-type": "application/json",
            "host": host,
            "user-agent": "Amazon CloudFront",
            "via": "2.0 cf.cloudfront.net (CloudFront)",
            "x-amz-cf-id": "dGhlLWlkLW9mLXRoaXMtcmVxdWVzdA==",
            "x-amzn-trace-id": "Root=1-5e1b4151-43a0913a12345678901234567",
            "x-forwarded-for": f"{VIEWER}, {EDGE}",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
            **(headers or {}),
        },
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API,
            "domainName": host,
            "domainPrefix": API,
            "http": {
                "method": method,
                "path": parts.path,
                "protocol": "HTTP/1.1",
                "sourceIp": EDGE,
                "userAgent": "Amazon CloudFront",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": key,
            "stage": "$default",
            "time": "28/Nov/2026:16:00:00 +0000",
            "timeEpoch": 1796054400000,
        },
        **({} if body is None else {"body": body}),
        "isBase64Encoded": False,
    }


def message_event(queue_arn: str, message: Mapping[str, Any]) -> dict[str, Any]:
    """Return one message of a queue, as `receive_message` gave it, as the event of a batch of one."""
    body = message["Body"]
    record = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1796054400000",
            "SenderId": "AROAEXAMPLE:offhook",
            "ApproximateFirstReceiveTimestamp": "1796054400001",
        },
        "messageAttributes": {},
        "md5OfBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }
    return {"Records": [record]}


def tick_event() -> dict[str, Any]:
    """Return what a rule with a schedule sends."""
    return {
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": "2026-11-28T16:00:00Z",
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/every-minute"],
        "detail": {},
    }
