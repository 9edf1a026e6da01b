"""The AWS account as it is seen from here: region, credentials, and whether our clocks agree."""

from collections.abc import Iterator, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

from botocore import exceptions

from local.doctor.clients import Clients
from local.doctor.finding import Finding, ill, well
from local.doctor.looking import UnwellError
from offhook.adapters.sdk_errors import error_code
from offhook.clock import system_clock

MOST_SKEW_S = 60
"""AWS refuses what was signed more than five minutes ago; a clock that has drifted so far will drift further."""

_AWAY = (exceptions.EndpointConnectionError, exceptions.ConnectTimeoutError, exceptions.ReadTimeoutError)


def look_at_account(clients: Clients) -> Iterator[Finding]:
    """Look at all without which nothing else can be; raise UnwellError after the first that is missing."""
    if clients.region is None:
        raise UnwellError(
            "no region is set: set AWS_DEFAULT_REGION to the one that Offhook is deployed in (the SDK does not read "
            "AWS_REGION), or AWS_PROFILE to a profile with a region",
            subject="region",
        )
    yield well("region", clients.region)
    try:
        reply = clients.of("sts").get_caller_identity()
    except exceptions.ClientError as error:
        yield from _clock(error.response)
        raise UnwellError(
            f"AWS does not accept these credentials ({error_code(error)}): sign in again",
            subject="credentials",
        ) from error
    except _AWAY as error:
        raise UnwellError(
            "AWS can't be reached from here: look at this machine's network and proxy", subject="credentials"
        ) from error
    except exceptions.BotoCoreError as error:
        raise UnwellError(_no_credentials(error), subject="credentials") from error
    yield well("credentials", f"account {reply['Account']}")
    yield from _clock(reply)


def _no_credentials(error: exceptions.BotoCoreError) -> str:
    how = "sign in (aws sso login), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    if isinstance(error, exceptions.NoCredentialsError):
        return f"there are no AWS credentials here: {how}"
    return f"the AWS credentials can't be used ({type(error).__name__}): {how}"


def _clock(reply: Mapping[str, Any]) -> Iterator[Finding]:
    date = reply["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
    if date is None:
        return
    skew_s = round((system_clock() - parsedate_to_datetime(date).astimezone(UTC)).total_seconds())
    if abs(skew_s) > MOST_SKEW_S:
        side = "ahead of" if skew_s > 0 else "behind"
        yield ill(
            "clock",
            f"this machine is {abs(skew_s)} s {side} AWS, which refuses requests beyond 300 s: have the time set by NTP "
            "(timedatectl set-ntp true)",
        )
    else:
        yield well("clock", f"within {MOST_SKEW_S} s of AWS's")
