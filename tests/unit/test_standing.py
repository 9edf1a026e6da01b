"""Where a call stands, as its log tells it while it grows."""

from dataclasses import replace
from datetime import datetime, timedelta

from offhook.runs.log.entry import LogEntry
from offhook.runs.log.spending import Spending
from offhook.runs.log.standing import MOST_CHARACTERS, Standing
from offhook.runs.model import Moment
from tests.support.makers import NOON, make_event

BEGUN = [make_event(1, "takeover", epoch=1, owner="streamer-1")]
AT_FIRST = Moment(at=NOON, agent_uuid="first")


def told(*entries: LogEntry) -> Moment:
    standing = Standing("first", BEGUN, lambda _: 0.0)
    standing.see(entries)
    return standing.moment()


def said(seq: int, segment_id: str, text: str, speaker: str = "caller", at: datetime = NOON) -> LogEntry:
    return make_event(seq, "transcript", segment_id=segment_id, speaker=speaker, text=text, at=at)


def handed_on(seq: int, state: str) -> LogEntry:
    return make_event(seq, "handoff", state=state, to_agent_uuid="second")


def test_a_call_that_has_only_begun_stands_nowhere() -> None:
    assert told() == AT_FIRST


def test_the_last_line_and_the_last_node_count() -> None:
    moment = told(
        make_event(2, "node", to="n1"),
        said(3, "a1", "Hello.", "agent"),
        make_event(4, "node", to="n2"),
        said(5, "c1", "Who is there?"),
        make_event(6, "partial", text="I s", at=NOON + timedelta(seconds=9)),
    )
    assert moment == replace(
        AT_FIRST, at=NOON + timedelta(seconds=9), node_id="n2", speaker="caller", text="Who is there?"
    )


def test_a_line_that_was_cut_off_is_what_was_heard_of_it() -> None:
    moment = told(
        said(2, "a1", "Hello Ada.", "agent"),
        make_event(3, "correction", segment_id="a0", original="Good morning.", heard_text="Good"),
        make_event(4, "correction", segment_id="a1", original="Hello Ada.", heard_text="Hello"),
    )
    assert moment.text == "Hello"


def test_a_long_line_is_cut() -> None:
    text = told(said(2, "c1", "word " * 100)).text
    assert (len(text) <= MOST_CHARACTERS, text[-5:]) == (True, "word…")


def test_an_agent_talks_once_the_call_was_handed_to_it() -> None:
    assert told(handed_on(2, "started")).agent_uuid == "first"
    assert told(handed_on(2, "started"), handed_on(3, "completed")).agent_uuid == "second"


def test_the_price_is_asked_of_what_was_used_so_far_and_of_how_long_the_call_has_been() -> None:
    asked: list[tuple[int, float]] = []

    def price(spending: Spending) -> float:
        asked.append((sum(use.characters for use in spending.uses()), spending.call_seconds()))
        return 0.25

    standing = Standing("first", [*BEGUN, make_event(2, "status", status="in_progress")], price)
    standing.see([make_event(3, "usage", tts_characters=9)])
    assert standing.moment().cost_usd == 0.25
    standing.see([make_event(4, "usage", tts_characters=4, at=NOON + timedelta(seconds=7))])
    standing.moment()
    standing.see([said(5, "c1", "Yes.", at=NOON + timedelta(seconds=8))])
    standing.moment()
    assert asked == [(9, 0.0), (13, 7.0), (13, 8.0)]
