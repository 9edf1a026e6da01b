"""The streamer as it runs on one machine: the same process as on AWS, with a key file in the place of KMS."""

import os
import sys
from pathlib import Path

from local.aws.key_file import KeyFileSecretBox
from local.processes.parent import live_with_parent
from streamer.main import main

KEY_FILE_VARIABLE = "LOCAL_KEY_FILE"

if __name__ == "__main__":
    live_with_parent()
    sys.exit(main(secret_box=lambda settings: KeyFileSecretBox(Path(os.environ[KEY_FILE_VARIABLE]))))
