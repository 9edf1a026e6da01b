"""What `offhook up` leaves in its folder, so that the other commands find it."""

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from local.install.private_file import write_private

STATE_FILE = Path(".offhook/local.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalState:
    """What `offhook up` leaves for the other commands; it opens the install, so only its owner may read it."""

    base_url: str
    api_key: str = field(repr=False)
    agent_uuid: str
    trigger_path: str
    cloudonix_domain: str
    cloudonix_token: str = field(repr=False)
    """What opens the simulated carrier, for telephony configurations that its user makes."""
    carrier_url: str = ""
    """Where the simulated carrier answers; empty where the install was told of another one."""

    def write(self, path: Path = STATE_FILE) -> None:
        """Store the state."""
        write_private(path, json.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path = STATE_FILE) -> "LocalState | None":
        """Return the stored state, None when there is none that can be read."""
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            return cls(**{f.name: str(values[f.name]) for f in fields(cls)})
        except (OSError, ValueError, KeyError, TypeError):
            return None
