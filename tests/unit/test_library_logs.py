"""No library writes into our log, however verbose the root is: what it says may hold a token, a number, a request."""

import json
import subprocess
import sys

# In a process of its own: whatever else runs in this one has loggers too.
_IMPORT_ALL = """
import json, logging, pkgutil, importlib
import functions.http.wiring, local.install.install, local.client.rest, streamer.main, offhook.adapters
from offhook.library_logs import LIBRARIES, quieten_libraries
from streamer.logs import log_to_stderr
for module in pkgutil.walk_packages(offhook.adapters.__path__, "offhook.adapters."):
    importlib.import_module(module.name)
"""
_SPEAK = """
logging.getLogger().setLevel(logging.DEBUG)
found = [logging.getLogger(name) for name in (*logging.root.manager.loggerDict, *LIBRARIES)]
print(json.dumps(sorted({each.name for each in found if each.isEnabledFor(logging.ERROR)})))
"""


def heard(set_up: str) -> list[str]:
    """Return the loggers that have something to say once a process has been set up so, and its root made verbose."""
    program = _IMPORT_ALL + set_up + _SPEAK
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    names: list[str] = json.loads(told.stdout)
    return names


def test_every_library_that_a_part_of_the_product_imports_is_quiet() -> None:
    for set_up in ("quieten_libraries()", "log_to_stderr('INFO')"):
        names = heard(set_up)
        assert {name.partition(".")[0] for name in names} <= {"offhook", "functions", "streamer", "local"}
        assert "offhook.http" in names


def test_without_that_they_would_be_heard() -> None:
    assert {"botocore.endpoint", "httpx", "mangum", "pynamodb"} <= set(heard(""))
