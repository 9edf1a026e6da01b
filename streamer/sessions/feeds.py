"""Feeds: the frames of one run on their way to whoever watches it here, written once however many they are."""

from collections.abc import Sequence
from typing import Protocol

from offhook.runs.log.entry import LogEntry
from offhook.runs.model import Run
from offhook.sessions.frames import LoggedFrame, logged_frame


class Watcher(Protocol):
    """Who watches a run; called on the event loop, and expected to return at once."""

    def take_logged(self, frames: Sequence[LoggedFrame]) -> None:
        """Take consecutive frames of the log; some before them may not have come this way."""

    def take_live(self, text: str) -> None:
        """Take a frame that goes beside the log."""

    def run_is_over(self) -> None:
        """Learn that no frame will follow."""


class Feed:
    """What happens to one run; nobody makes one but `Feeds`."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.newest = 0
        """The newest seq that is known to be stored."""
        self.has_ended = False
        """Whether the call's end stands in the log."""
        self._watchers: dict[Watcher, None] = {}

    @property
    def watchers(self) -> int:
        """How many watch."""
        return len(self._watchers)

    def join(self, watcher: Watcher) -> None:
        """Give all that comes to this watcher too."""
        self._watchers[watcher] = None

    def leave(self, watcher: Watcher) -> None:
        """Give this watcher nothing more."""
        self._watchers.pop(watcher, None)

    def stored(self, entries: Sequence[LogEntry]) -> None:
        """Show what the log holds by now; what was shown before is not shown again."""
        new = [entry for entry in entries if entry.seq > self.newest]
        if not new:
            return
        self.newest = new[-1].seq
        self.has_ended = self.has_ended or any(entry.event.type == "end" for entry in new)
        session_id = self.run.session_id
        frames = [LoggedFrame(seq=entry.seq, text=logged_frame(session_id, entry)) for entry in new]
        for watcher in tuple(self._watchers):
            watcher.take_logged(frames)

    def live(self, text: str) -> None:
        """Show a frame that goes beside the log."""
        for watcher in tuple(self._watchers):
            watcher.take_live(text)

    def is_over(self) -> None:
        """Tell that the run is over, and all of its log was shown."""
        for watcher in tuple(self._watchers):
            watcher.run_is_over()


class Feeds:
    """The feeds of the runs that somebody watches here; of any other, nothing is kept and nothing is written."""

    def __init__(self) -> None:
        self._feeds: dict[int, Feed] = {}

    def of(self, run_id: int) -> Feed | None:
        """Return the feed of a run that is watched here; None of any other."""
        return self._feeds.get(run_id)

    def stored(self, run_id: int, entries: Sequence[LogEntry]) -> None:
        """Take what this process has just stored in the log of a run."""
        if (feed := self._feeds.get(run_id)) is not None:
            feed.stored(entries)

    def open(self, run: Run) -> Feed:
        """Return the feed of a run that somebody is about to watch."""
        return self._feeds.setdefault(run.id, Feed(run))

    def close(self, feed: Feed) -> None:
        """Forget a feed that nobody watches any more."""
        self._feeds.pop(feed.run.id, None)
