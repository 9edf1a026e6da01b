"""No library writes into our log, however verbose the root is: what it says may hold a token, a number, a request."""

import json
import subprocess
import sys
from functools import cache

# In a process of its own: whatever else runs in this one has loggers too. Each way to set it up has a fork of that, which
# ends at once: to take down all that was imported lasts as long as to import it.
_PROGRAM = """
import gc, importlib, json, logging, os, pkgutil, sys
gc.disable()
import functions.http.wiring, local.install.install, local.client.rest, streamer.main, offhook.adapters
from offhook.library_logs import LIBRARIES, quieten_libraries
from streamer.logs import log_to_stderr
for module in pkgutil.walk_packages(offhook.adapters.__path__, "offhook.adapters."):
    importlib.import_module(module.name)
for set_up in sys.argv[1:]:
    if os.fork():
        assert os.wait()[1] == 0
        continue
    exec(set_up)
    logging.getLogger().setLevel(logging.DEBUG)
    found = [logging.getLogger(name) for name in (*logging.root.manager.loggerDict, *LIBRARIES)]
    print(json.dumps(sorted({each.name for each in found if each.isEnabledFor(logging.ERROR)})), flush=True)
    os._exit(0)
"""
_NOTHING, *_SET_UPS = "", "quieten_libraries()", "log_to_stderr('INFO')"


@cache
def heard() -> dict[str, list[str]]:
    """Return the loggers that have something to say once a process has been set up so, and its root made verbose."""
    set_ups = (_NOTHING, *_SET_UPS)
    told = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *set_ups], capture_output=True, text=True, check=True
    )
    return dict(zip(set_ups, map(json.loads, told.stdout.splitlines()), strict=True))


def test_every_library_that_a_part_of_the_product_imports_is_quiet() -> None:
    for set_up in _SET_UPS:
        names = heard()[set_up]
        assert {name.partition(".")[0] for name in names} <= {"offhook", "functions", "streamer", "local"}
        assert "offhook.http" in names


def test_without_that_they_would_be_heard() -> None:
    assert {"botocore.endpoint", "httpx", "mangum", "pynamodb"} <= set(heard()[_NOTHING])
