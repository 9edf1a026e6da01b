"""What AWS Lambda tells a handler beside the event."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The part of Lambda's context that is looked at."""

    function_name: str = "offhook"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:offhook"
    aws_request_id: str = "b2c1"
