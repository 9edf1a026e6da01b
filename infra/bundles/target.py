"""The machine that a bundle is made for."""

import platform
import sys
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A platform in uv's words, and a minor version of Python."""

    platform: str
    python: str

    @classmethod
    def here(cls) -> Self:
        """Return this machine and this Python, for those who run what is in a bundle (Linux only)."""
        return cls(
            platform=f"{platform.machine()}-manylinux_2_34", python="{}.{}".format(*sys.version_info[:2])
        )


AWS = Target(platform="aarch64-manylinux_2_34", python="3.13")
"""Lambda's runtime on Amazon Linux 2023, whose C library is 2.34, and the streamer's image, whose own is newer."""
