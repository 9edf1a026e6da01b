"""Who has answered is told by the opening: recorded wordings in four languages, played to the machine with their pauses."""

from collections import Counter

import pytest

from offhook.agents.answerers import AnsweredBy
from offhook.json_types import JsonObject
from offhook.runs.log.events import AnsweredByEvent
from streamer.call import events
from tests.support.calls import ScriptedCall
from tests.support.openings import OPENINGS, HeardOpening

MS_PER_WORD = 340
PAUSE_MS, LONG_PAUSE_MS = 340, 800
ACTS: JsonObject = {
    "voicemail": {"action": "hang_up"},
    "screening": {"action": "hang_up"},
    "menu": {"action": "hang_up"},
}


def play(call: ScriptedCall, said: str) -> None:
    """Say an opening with its pauses; each pause brings the words before it, as recognisers do."""
    call.wait(300)
    for sentence in said.split("||"):
        for part in sentence.split("|"):
            if call.machine.has_ended:
                return
            call.speak(part.strip(), len(part.split()) * MS_PER_WORD, patiently=False)
            call.wait(PAUSE_MS - 200)
        call.wait(LONG_PAUSE_MS - PAUSE_MS)


def told_of(opening: HeardOpening) -> str | None:
    call = ScriptedCall(is_outbound=True, language=opening.language, answered_by=ACTS)
    play(call, opening.said)
    call.wait(700)
    call.tell(events.CallerGone())
    told = call.records(AnsweredByEvent)
    return told[-1]["answered_by"] if told else None  # type: ignore[return-value]


def test_openings_are_told_apart() -> None:
    table = Counter((opening.by, told_of(opening)) for opening in OPENINGS)
    for (by, told), count in sorted(table.items()):
        print(f"{by:15} told to be {told!s:15} {count}")
    wrong = [(o.by, told, o.said) for o in OPENINGS if (told := told_of(o)) != o.by]
    assert wrong == []
