"""The ports of the local install: those of AWS, with a key file in the place of KMS."""

from functools import cached_property
from pathlib import Path

from local.aws.key_file import KeyFileSecretBox
from offhook.aws import AwsPorts
from offhook.clock import Clock, system_clock
from offhook.settings import Settings
from offhook.telephony.ports import SecretBox

KEY_FILE_VARIABLE = "LOCAL_KEY_FILE"
"""What names the key file to the streamer."""


class LocalPorts(AwsPorts):
    """What an embedded AWS is reached by, through the SDK's own variables."""

    def __init__(self, settings: Settings, *, key_file: Path, clock: Clock = system_clock) -> None:
        super().__init__(settings, clock=clock)
        self._key_file = key_file

    @cached_property
    def secret_box(self) -> SecretBox:
        return KeyFileSecretBox(self._key_file)
