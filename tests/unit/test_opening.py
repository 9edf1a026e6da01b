"""Who has answered is told by the opening: wordings in four languages, played to the machine with their pauses."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from offhook.json_types import JsonObject
from offhook.runs.log.events import AnsweredByEvent
from offhook.vocabulary import AnsweredBy
from streamer.call import events
from tests.support.calls import ScriptedCall
from tests.support.openings import MORE_OPENINGS, OPENINGS, OTHER_OPENINGS, HeardOpening
from tests.support.tables import each_of

DOCUMENT = Path(__file__).parents[2] / "docs" / "who-answers.md"
KNOWN = OPENINGS + MORE_OPENINGS
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
            call.sound(len(part.split()) * MS_PER_WORD)
            call.recognise_next(part.strip())
            call.wait(PAUSE_MS - 200)
        call.wait(LONG_PAUSE_MS - PAUSE_MS)


def told_of(opening: HeardOpening) -> str | None:
    call = ScriptedCall(is_outbound=True, language=opening.language, answered_by=ACTS)
    play(call, opening.said)
    call.wait(800)
    call.tell(events.CallerGone())
    told = call.records(AnsweredByEvent)
    return str(told[-1]["answered_by"]) if told else None


def outcomes(openings: Iterable[HeardOpening]) -> Counter[tuple[AnsweredBy, str | None]]:
    return Counter((opening.by, told_of(opening)) for opening in openings)


def table() -> str:
    """Return how openings are told apart, as the table in Markdown that is documented."""
    known, unknown = outcomes(KNOWN), outcomes(OTHER_OPENINGS)
    rows = [f"| `{kind}` | {_share(known, kind)} | {_share(unknown, kind)} |" for kind in AnsweredBy]
    head = "| who it was | the lists were made with: told, not told, taken for another | had never seen |"
    return "\n".join([head, "|---|---|---|", *rows])


def _share(told: Counter[tuple[AnsweredBy, str | None]], kind: AnsweredBy) -> str:
    right, untold = told[kind, kind.value], told[kind, None]
    others = sum(count for (by, _), count in told.items() if by is kind) - right - untold
    return f"{right}, {untold}, {others}"


@each_of([(opening,) for opening in KNOWN + OTHER_OPENINGS])
def test_nobody_is_taken_for_a_machine_and_no_machine_for_another_one(opening: HeardOpening) -> None:
    told = told_of(opening)
    assert told in (None, AnsweredBy.PERSON, opening.by)
    assert opening.by is not AnsweredBy.PERSON or told in (None, AnsweredBy.PERSON)


def test_the_documented_table_is_what_comes_out() -> None:
    assert len(KNOWN + OTHER_OPENINGS) == 174
    assert table() in DOCUMENT.read_text(encoding="utf-8"), table()
