"""What `offhook up` leaves in its folder, so that the other commands find it."""

import json
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

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
        """Store the state, readable by its owner only from the first byte on."""
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.name}.{os.getpid()}")
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(self), file)
        unfinished.replace(path)

    @classmethod
    def read(cls, path: Path = STATE_FILE) -> "LocalState | None":
        """Return the stored state, None when there is none that can be read."""
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            return cls(**{f.name: str(values[f.name]) for f in fields(cls)})
        except (OSError, ValueError, KeyError, TypeError):
            return None
