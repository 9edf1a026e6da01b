"""What the calls of an install hear and speak with: `offhook up --speech`."""

import os
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from local.aws.environment import ENDPOINT_VARIABLE
from local.aws.speech.signatures import KEY_ID_VARIABLE, SECRET_VARIABLE
from local.install import demo_agent
from local.people.magic_numbers import spoken
from local.processes.children import Child, child
from offhook.agents.engines import EMBEDDED, POLLY, TRANSCRIBE
from offhook.errors import NotConfiguredError

_SDK = "AWS_"


class SpeechMode(StrEnum):
    """Whose speech it is."""

    OFFLINE = "offline"
    AWS_LOCAL = "aws-local"
    AWS = "aws"


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """The settings for it, and what the SDK of the streamer alone must have set, or (None) must not have."""

    settings: Mapping[str, str]
    sdk: Mapping[str, str | None]
    children: tuple[Child, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAws:
    """The AWS account of whoever runs the install, as the SDK finds it: its variables, and the region."""

    variables: Mapping[str, str]
    region: str

    @classmethod
    def find(cls) -> "OwnAws":
        """Look for credentials and a region; raise NotConfiguredError that says what is missing."""
        # Needed for this alone, and the children must not wait for it.
        from botocore.exceptions import BotoCoreError

        from streamer.speech.aws_session import new_session, region_of

        session = new_session()
        try:
            has_credentials = session.get_credentials() is not None
        except BotoCoreError as error:
            raise NotConfiguredError(f"--speech aws can't read your AWS credentials: {error}.") from error
        if not has_credentials:
            raise NotConfiguredError(
                "--speech aws needs your AWS credentials, and there are none: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY. --speech aws-local does without an account."
            )
        variables = {name: value for name, value in os.environ.items() if name.startswith(_SDK)}
        return cls(variables=variables, region=region_of(session))


async def make_speech(
    stack: AsyncExitStack, mode: SpeechMode, offline: Child, folder: Path, own_aws: OwnAws | None
) -> Speech:
    """Return what the mode takes; what it starts is stopped by `stack`. Raises OffhookError."""
    embedded = {
        "OFFHOOK_INFRASTRUCTURE": EMBEDDED,
        "OFFHOOK_RECOGNISER_URL": str(offline.ready["recognise_url"]),
        "OFFHOOK_SYNTHESISER_URL": str(offline.ready["synthesise_url"]),
    }
    if mode is SpeechMode.OFFLINE:
        names = {"OFFHOOK_RECOGNISERS": EMBEDDED, "OFFHOOK_SYNTHESISERS": EMBEDDED}
        return Speech(settings=names | embedded, sdk={})
    names = {
        "OFFHOOK_RECOGNISERS": f"{TRANSCRIBE},{EMBEDDED}",
        "OFFHOOK_SYNTHESISERS": f"{POLLY},{EMBEDDED}",
    }
    if own_aws is not None:
        return Speech(settings=names | embedded, sdk=_sdk_of(own_aws))
    services = await stack.enter_async_context(_services(offline, folder))
    transport = os.environ.get("OFFHOOK_TRANSCRIBE_TRANSPORT", "websocket")
    addresses = {
        "OFFHOOK_TRANSCRIBE_URL": str(services.ready.get(f"transcribe_{transport}_url", "")),
        "OFFHOOK_TRANSCRIBE_CA_FILE": str(services.ready["ca_file"]),
    }
    sdk = {"AWS_ENDPOINT_URL_POLLY": str(services.ready["polly_url"])}
    return Speech(settings=names | embedded | addresses, sdk=sdk, children=(services,))


def _services(offline: Child, folder: Path) -> AbstractAsyncContextManager[Child]:
    phrases = folder / "phrases.txt"
    if not phrases.exists():
        known = dict.fromkeys((*demo_agent.phrases(), *spoken()))
        phrases.write_text("".join(f"{phrase}\n" for phrase in known))
    return child(
        "local.aws.speech.server",
        *("--folder", str(folder), "--phrases", str(phrases), "--streams", "100"),
        *("--recognise-url", str(offline.ready["recognise_url"])),
        *("--synthesise-url", str(offline.ready["synthesise_url"])),
        env={
            KEY_ID_VARIABLE: os.environ.get("AWS_ACCESS_KEY_ID"),
            SECRET_VARIABLE: os.environ.get("AWS_SECRET_ACCESS_KEY"),
        },
    )


def _sdk_of(own: OwnAws) -> dict[str, str | None]:
    """Give the streamer the account for its speech; everything else stays with the embedded AWS."""
    others = {
        name: None for name in os.environ if name.startswith(_SDK) and not name.startswith(ENDPOINT_VARIABLE)
    }
    suffix = "amazonaws.com.cn" if own.region.startswith("cn-") else "amazonaws.com"
    polly = f"https://polly.{own.region}.{suffix}"
    return {**others, **own.variables, "AWS_REGION": own.region, "AWS_ENDPOINT_URL_POLLY": polly}
