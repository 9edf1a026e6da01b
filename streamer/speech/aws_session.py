"""Credentials and region of the AWS speech services, as the SDK finds them."""

from botocore.session import Session

from offhook.errors import NotConfiguredError

# The region's variable is AWS_REGION in containers and functions; the SDK looks at the other one alone.
_REGION_VARIABLES = ["AWS_REGION", "AWS_DEFAULT_REGION"]


def new_session() -> Session:
    """Return a session, which finds and renews credentials by itself."""
    return Session(session_vars={"region": ("region", _REGION_VARIABLES, None, None)})


def region_of(session: Session) -> str:
    """Return the region; raise NotConfiguredError."""
    region = session.get_config_variable("region")
    if not region:
        raise NotConfiguredError("Set AWS_REGION: Transcribe and Polly are asked in a region.")
    return str(region)
