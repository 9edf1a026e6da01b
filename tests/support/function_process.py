"""Functions that no request calls, in a process of their own: `python -m tests.support.function_process dialer feeder`.

They get what their queues and schedules bring, as in a local install, until it is told to stop, or is killed. What is lost is
looked for after seconds here, which are minutes elsewhere, so that tests need not wait for them.
"""

import importlib
import os
import signal
import sys
from dataclasses import replace
from datetime import timedelta

from local.aws.event_sources import EventSources
from local.install.streamer import local_ports
from local.processes.parent import live_with_parent
from offhook.settings import Settings
from streamer.logs import log_to_stderr

_EVERY_SECONDS = 2.0
# An owner renews its lease every 5 s, in a machine that others keep busy.
_LIMITS_S = {
    "offhook.campaigns.settling": {"HELD_BACK_FOR": 2},
    "offhook.campaigns.looking": {"LOOK_AFTER": 6, "LOOK_AGAIN": 6},
    "offhook.runs.reaping.reaper": {
        "UNSTORED_LIMIT": 6,
        "ANSWER_LIMIT": 20,
        "LEASE_LIMIT": 15,
        "OWNER_LIMIT": 20,
        "QUEUE_LIMIT": 6,
        "QUEUE_REMINDER": 10,
        "REMINDER_WINDOW": 5,
        "AFTERCALL_LIMIT": 10,
    },
}


def main(*names: str) -> None:
    live_with_parent()
    log_to_stderr("ERROR", service=" ".join(names))
    _hurry()
    # Not before: others take the limits from there when they are imported.
    from local.install.background import event_sources

    every = event_sources(local_ports(Settings.from_env(os.environ)))
    mine = EventSources(
        queues=[each for each in every._queues if each.function_name in names],
        schedules=[
            replace(each, every_seconds=_EVERY_SECONDS)
            for each in every._schedules
            if each.function_name in names
        ],
    )
    with mine:
        sys.stdout.write("{}\n")
        sys.stdout.flush()
        signal.sigwait([signal.SIGTERM])


def _hurry() -> None:
    for module, limits in _LIMITS_S.items():
        for limit, seconds in limits.items():
            known = getattr(importlib.import_module(module), limit)
            assert isinstance(known, timedelta)
            setattr(importlib.import_module(module), limit, timedelta(seconds=seconds))


if __name__ == "__main__":
    # Before any thread is started, which would take it else.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    main(*sys.argv[1:])
