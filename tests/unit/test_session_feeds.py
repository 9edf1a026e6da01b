"""Feeds: who watches a run is shown what its log holds, once, and a run that nobody watches costs nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from offhook.sessions.frames import LoggedFrame, logged_frame
from streamer.sessions.feeds import Feed, Feeds
from streamer.sockets.close_codes import NoRoomError
from tests.support.makers import make_event, make_events, make_run

RUN = make_run()


class Gatherer:
    """Gathers what it is shown."""

    def __init__(self) -> None:
        self.logged: list[LoggedFrame] = []
        self.is_over = False

    @property
    def seqs(self) -> list[int]:
        return [frame.seq for frame in self.logged]

    def take_logged(self, frames: Sequence[LoggedFrame]) -> None:
        self.logged += frames

    def run_is_over(self) -> None:
        self.is_over = True


@contextmanager
def watched() -> Iterator[tuple[Feeds, Feed, Gatherer]]:
    feeds, watcher = Feeds(), Gatherer()
    with feeds.visit(RUN) as feed:
        feed.join(watcher)
        yield feeds, feed, watcher


def test_a_run_that_nobody_watches_has_no_feed() -> None:
    with watched() as (feeds, feed, _):
        feeds.stored(RUN.id + 1, make_events(1, 3))
        assert feeds.of(RUN.id + 1) is None
        with feeds.visit(RUN) as same:
            assert same is feed
        assert feeds.of(RUN.id) is feed
    assert feeds.of(RUN.id) is None


def test_one_run_has_only_so_many_who_watch_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamer.sessions.feeds.MOST_VISITORS", 1)
    with watched() as (feeds, _, _), pytest.raises(NoRoomError), feeds.visit(RUN):
        pass
    with feeds.visit(RUN), feeds.visit(make_run()):
        pass


def test_all_who_watch_share_one_text() -> None:
    with watched() as (feeds, feed, first):
        feed.join(second := Gatherer())
        feeds.stored(RUN.id, make_events(1, 2))
    assert [frame.text for frame in first.logged] == [
        logged_frame(RUN.session_id, entry) for entry in make_events(1, 2)
    ]
    assert all(mine is theirs for mine, theirs in zip(first.logged, second.logged, strict=True))


def test_what_comes_twice_is_shown_once() -> None:
    with watched() as (feeds, feed, watcher):
        feeds.stored(RUN.id, make_events(1, 3))
        feeds.stored(RUN.id, make_events(2, 4))
        feeds.stored(RUN.id, make_events(1, 5))
    assert watcher.seqs == [1, 2, 3, 4, 5]
    assert feed.newest == 5


def test_who_comes_after_the_end_learns_of_it() -> None:
    with watched() as (_, feed, watcher):
        feed.end(RUN)
        feed.join(late := Gatherer())
    assert (watcher.is_over, late.is_over) == (True, True)


def test_who_has_left_is_shown_nothing() -> None:
    with watched() as (feeds, feed, watcher):
        feed.join(other := Gatherer())
        feed.leave(watcher)
        feed.leave(watcher)
        feeds.stored(RUN.id, make_events(1, 1))
    assert (watcher.seqs, other.seqs) == ([], [1])


def test_a_feed_knows_that_the_call_has_ended() -> None:
    with watched() as (feeds, feed, _):
        feeds.stored(RUN.id, make_events(1, 1))
        assert not feed.has_ended
        feeds.stored(RUN.id, [make_event(2, "end", reason="caller", duration_ms=1)])
        assert feed.has_ended
