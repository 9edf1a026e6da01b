"""Feeds: the frames of one run on their way to whoever watches it here, written once however many they are."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from offhook.runs.log.entry import LogEntry
from offhook.runs.model import Run
from offhook.sessions.frames import LoggedFrame
from streamer.failures import log_failure
from streamer.sockets.close_codes import NoRoomError

logger = logging.getLogger(__name__)

MOST_VISITORS = 50
"""Of one run in one process."""

MOST_OF_ORGANIZATION = 250
"""In one process: half of all guests, so that no organization keeps the others out."""


class Watcher(Protocol):
    """Who watches a run; called on the event loop, and expected to return at once."""

    def take_logged(self, frames: Sequence[LoggedFrame]) -> None:
        """Take consecutive frames of the log; some before them may not have come this way."""

    def run_is_over(self) -> None:
        """Learn that no frame will follow."""


class Feed:
    """The frames of one run; nobody makes one but `Feeds`."""

    def __init__(self, run: Run) -> None:
        self.run = run
        """The run as it was when somebody began to watch; once it is over, as that left it."""
        self.newest = 0
        """The newest seq that is known to be stored, always the last of a flush."""
        self.has_ended = False
        """Whether the call's end stands in the log."""
        self.is_over = False
        """Whether the run is over, and all of its log was shown."""
        self.turn = asyncio.Lock()
        """Whose turn it is to follow the log."""
        self._watchers: dict[Watcher, None] = {}

    def begin(self, newest: int) -> None:
        """Learn how far the log is, unless somebody watches already, who is shown what comes before that."""
        if not self._watchers:
            self.newest = max(self.newest, newest)

    def join(self, watcher: Watcher) -> None:
        """Give all that comes to this watcher too."""
        self._watchers[watcher] = None
        if self.is_over:
            watcher.run_is_over()

    def leave(self, watcher: Watcher) -> None:
        """Give this watcher nothing more."""
        self._watchers.pop(watcher, None)

    def stored(self, entries: Sequence[LogEntry]) -> None:
        """Show what the log holds by now; what was shown before is not shown again."""
        new = [entry for entry in entries if entry.seq > self.newest]
        if not new:
            return
        self.newest = new[-1].seq
        if not self._watchers:
            return
        frames = self.frames(new)
        self.has_ended = self.has_ended or any(frame.is_end for frame in frames)
        for watcher in tuple(self._watchers):
            watcher.take_logged(frames)

    def end(self, final: Run) -> None:
        """Tell that the run is over, and all of its log was shown."""
        self.run = final
        self.is_over = True
        for watcher in tuple(self._watchers):
            watcher.run_is_over()

    def frames(self, entries: Sequence[LogEntry]) -> Sequence[LoggedFrame]:
        """Write entries of the log as frames."""
        session_id = self.run.session_id
        return [LoggedFrame.of(session_id, entry) for entry in entries]


class Feeds:
    """The feeds of the runs that somebody watches here; of any other, nothing is kept and nothing is written."""

    def __init__(self) -> None:
        self._feeds: dict[int, Feed] = {}
        self._visitors: Counter[int] = Counter()
        self._of_organization: Counter[str] = Counter()

    def of(self, run_id: int) -> Feed | None:
        """Return the feed of a run that is watched here; None of any other."""
        return self._feeds.get(run_id)

    def stored(self, run_id: int, entries: Sequence[LogEntry]) -> None:
        """Take what this process has just stored in the log of a run."""
        if (feed := self._feeds.get(run_id)) is None:
            return
        try:
            feed.stored(entries)
        except Exception as error:  # noqa: BLE001 - the call that is watched has nothing to do with it
            log_failure(logger, "watchers not told", error)

    @contextmanager
    def visit(self, run: Run) -> Iterator[Feed]:
        """Give the feed of a run to one more who watches it; raise NoRoomError (1013) when there are too many."""
        if self._visitors[run.id] >= MOST_VISITORS:
            raise NoRoomError("Too many watch this session here, try again")
        if self._of_organization[run.organization_id] >= MOST_OF_ORGANIZATION:
            raise NoRoomError("Your organization has too many sockets of sessions here, try again")
        self._visitors[run.id] += 1
        self._of_organization[run.organization_id] += 1
        try:
            yield self._feeds.setdefault(run.id, Feed(run))
        finally:
            self._visitors[run.id] -= 1
            self._of_organization -= Counter([run.organization_id])
            if not self._visitors[run.id]:
                del self._visitors[run.id], self._feeds[run.id]
