"""Where a call stands, told of its log as that grows: what lists of live calls show, who read no logs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import (
    CorrectionEvent,
    HandoffEvent,
    HandoffState,
    NodeEvent,
    TranscriptEvent,
)
from offhook.runs.log.spending import Spending
from offhook.runs.model import Moment

MOST_CHARACTERS = 160
"""Of the last line: it is written with each lease, and the row is paid for by the kilobyte."""

Price = Callable[[Spending], float]
"""Tells what a call has cost so far, in USD."""


class Standing:
    """Follows one log; however long that has grown, to tell costs the same."""

    def __init__(self, agent_uuid: str, log: Sequence[LogEntry], price: Price) -> None:
        self._at = log[-1].at
        self._moment = Moment(at=self._at, agent_uuid=agent_uuid)
        self._segment_id = ""
        self._spending = Spending()
        self._price = price
        self.see(log)

    def see(self, entries: Iterable[LogEntry]) -> None:
        """Take what the log holds by now beyond what was seen."""
        for entry in entries:
            self._spending.see(entry)
            self._at = entry.at
            self._take(entry)

    def moment(self) -> Moment:
        """Return where the call stands."""
        return replace(self._moment, at=self._at, cost_usd=self._price(self._spending))

    def _take(self, entry: LogEntry) -> None:
        match entry.event:
            case TranscriptEvent() as said:
                self._segment_id = said.segment_id
                self._note(speaker=said.speaker, text=_line(said.text))
            case CorrectionEvent(segment_id=id_, heard_text=heard) if id_ == self._segment_id:
                self._note(text=_line(heard))
            case NodeEvent(to=node_id):
                self._note(node_id=node_id)
            case HandoffEvent(state=HandoffState.COMPLETED, to_agent_uuid=agent_uuid):
                self._note(agent_uuid=agent_uuid)

    def _note(self, **changes: str) -> None:
        self._moment = replace(self._moment, **changes)  # type: ignore[arg-type]  # texts, each of a field of texts


def _line(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1].rstrip() + "…"
