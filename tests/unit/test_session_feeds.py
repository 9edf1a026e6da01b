"""Feeds: who watches a run is shown what its log holds, once, and a run that nobody watches costs nothing."""

from collections.abc import Sequence

from offhook.sessions.frames import LoggedFrame, logged_frame
from streamer.sessions.feeds import Feed, Feeds
from tests.support.makers import make_event, make_events, make_run

RUN = make_run()


class Gatherer:
    """Gathers what it is shown."""

    def __init__(self) -> None:
        self.logged: list[LoggedFrame] = []
        self.beside: list[str] = []
        self.is_over = False

    @property
    def seqs(self) -> list[int]:
        return [frame.seq for frame in self.logged]

    def take_logged(self, frames: Sequence[LoggedFrame]) -> None:
        self.logged += frames

    def take_live(self, text: str) -> None:
        self.beside.append(text)

    def run_is_over(self) -> None:
        self.is_over = True


def watched() -> tuple[Feeds, Feed, Gatherer]:
    feeds, watcher = Feeds(), Gatherer()
    feed = feeds.open(RUN)
    feed.join(watcher)
    return feeds, feed, watcher


def test_a_run_that_nobody_watches_has_no_feed() -> None:
    feeds, feed, _ = watched()
    feeds.stored(RUN.id + 1, make_events(1, 3))
    assert feeds.of(RUN.id + 1) is None
    feeds.close(feed)
    assert feeds.of(RUN.id) is None


def test_all_who_watch_share_one_feed_and_one_text() -> None:
    feeds, feed, first = watched()
    assert feeds.open(RUN) is feed is feeds.of(RUN.id)
    feed.join(second := Gatherer())
    feeds.stored(RUN.id, make_events(1, 2))
    assert [frame.text for frame in first.logged] == [
        logged_frame(RUN.session_id, entry) for entry in make_events(1, 2)
    ]
    assert all(mine is theirs for mine, theirs in zip(first.logged, second.logged, strict=True))


def test_what_comes_twice_is_shown_once() -> None:
    feeds, feed, watcher = watched()
    feeds.stored(RUN.id, make_events(1, 3))
    feeds.stored(RUN.id, make_events(2, 4))
    feeds.stored(RUN.id, make_events(1, 5))
    assert watcher.seqs == [1, 2, 3, 4, 5]
    assert feed.newest == 5


def test_frames_beside_the_log_and_the_end_are_passed_on() -> None:
    _, feed, watcher = watched()
    feed.live("{}")
    feed.is_over()
    assert (watcher.beside, watcher.is_over) == (["{}"], True)


def test_who_has_left_is_shown_nothing() -> None:
    feeds, feed, watcher = watched()
    feed.join(other := Gatherer())
    feed.leave(watcher)
    feed.leave(watcher)
    feeds.stored(RUN.id, make_events(1, 1))
    assert (watcher.seqs, other.seqs, feed.watchers) == ([], [1], 1)


def test_a_feed_knows_that_the_call_has_ended() -> None:
    feeds, feed, _ = watched()
    feeds.stored(RUN.id, make_events(1, 1))
    assert not feed.has_ended
    feeds.stored(RUN.id, [make_event(2, "end", reason="caller", duration_ms=1)])
    assert feed.has_ended
