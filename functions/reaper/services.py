"""What the reaper is given."""

from dataclasses import dataclass

from offhook.runs.reaping.reaper import Reaper


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaperServices:
    """Enough to look after the runs of all organizations."""

    reaper: Reaper
