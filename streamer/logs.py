"""Logs as JSON lines: a static event, its fields, and nothing that a caller said."""

import json
import logging
import sys

from offhook.clock import system_clock, to_iso
from offhook.library_logs import quieten_libraries

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object, its fields named as those of the functions' logs; others come from `extra`."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        fields = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        line = {
            "level": record.levelname,
            "location": f"{record.funcName}:{record.lineno}",
            "message": record.getMessage(),
            "timestamp": to_iso(system_clock()),
            "service": self._service,
            "logger": record.name,
        }
        return json.dumps(line | fields, default=str)


def log_to_stderr(level: str, *, service: str = "streamer") -> None:
    """Send all logs of this process to stderr as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(service))
    logging.basicConfig(level=logging.CRITICAL, handlers=[handler], force=True)
    quieten_libraries()
    for room in ("functions", "local", "offhook", "streamer"):
        logging.getLogger(room).setLevel(level)
