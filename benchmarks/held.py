"""What a process holds on to: threads, sockets, tasks, memory."""

import asyncio
import ctypes
import gc
import os
from collections.abc import Mapping
from pathlib import Path

_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 2**20


def held() -> dict[str, float]:
    """Return what this process holds, its libraries' own threads included, once all that nobody needs is gone."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # what the allocator keeps for the next calls is no call's
    return {
        "threads": len(list(Path("/proc/self/task").iterdir())),
        "sockets": sum(_is_socket(descriptor) for descriptor in Path("/proc/self/fd").iterdir()),
        "tasks": len(asyncio.all_tasks()),
        "memory": int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_MB,
    }


def _is_socket(descriptor: Path) -> bool:
    try:
        return str(descriptor.readlink()).startswith("socket:")
    except OSError:
        return False  # the one that listing had open


def grown(before: Mapping[str, float], after: Mapping[str, float], *, pools: int) -> list[str]:
    """Say what has grown: any task, more threads or sockets than pools may still have grown by, memory by over 5 %."""
    allowed = {
        "threads": before["threads"] + pools,
        "sockets": before["sockets"] + pools,
        "tasks": before["tasks"],
        "memory": before["memory"] * 1.05,
    }
    return [
        f"{name} from {before[name]:.0f} to {after[name]:.0f}"
        for name in allowed
        if after[name] > allowed[name]
    ]
