"""The streamer as it runs on one machine: the same process as on AWS, with a key file in the place of KMS."""

import os
import sys
from pathlib import Path

from local.install.ports import KEY_FILE_VARIABLE, LocalPorts
from local.processes.parent import live_with_parent
from offhook.settings import Settings
from streamer.main import main


def local_ports(settings: Settings) -> LocalPorts:
    """Return the ports with the key file that the environment names."""
    return LocalPorts(settings, key_file=Path(os.environ[KEY_FILE_VARIABLE]))


if __name__ == "__main__":
    live_with_parent()
    sys.exit(main(make_ports=local_ports))
