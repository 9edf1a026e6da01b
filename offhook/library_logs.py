"""The logs of the libraries that we use: they tell URLs, in which tokens stand, and what was in a request.

So they say nothing, whatever the level of the root is, which on Lambda is the operator's to set; what they warn of is told
by our own errors.
"""

import logging

LIBRARIES = (
    "asyncio",
    "aws_lambda_powertools",
    "bcdocs",
    "boto3",
    "botocore",
    "charset_normalizer",
    "concurrent",
    "fastapi",
    "hpack",
    "httpcore",
    "httpcore2",
    "httpx",
    "httpx2",
    "mangum",
    "mcp",
    "opentelemetry",
    "pynamodb",
    "requests",
    "s3transfer",
    "urllib3",
    "uvicorn",
    "websockets",
)


def quieten_libraries() -> None:
    """Keep all libraries out of this process's log."""
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.CRITICAL)
