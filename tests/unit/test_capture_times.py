"""Times of day, as people say them in four languages: what is kept, what is said back, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.workflows import Capture
from streamer.call.spoken.dialogue import Dialogue, Draft
from streamer.call.spoken.kind import Reading
from streamer.call.spoken.kinds import kind_of
from tests.support.tables import each_of

FORMS: dict[str, dict[str, tuple[str, ...]]] = {
    "en-US": {
        "15:30": ("half past three", "three thirty", "3:30", "3.30 pm", "three thirty in the afternoon", "15:30", "1530", "half three please"),
        "15:00": ("three o'clock", "at three", "3pm", "3 p.m.", "15 o'clock"),
        "15:05": ("three oh five", "five past three", "five minutes past three"),
        "09:15": ("quarter past nine", "a quarter after nine", "nine fifteen", "9:15 in the morning"),
        "08:45": ("quarter to nine", "a quarter of nine", "eight forty five a.m."),
        "06:50": ("ten to seven in the morning", "six fifty am", "06:50"),
        "12:00": ("noon", "at noon", "twelve", "12 pm"),
        "00:00": ("midnight", "12 a.m."),
        "20:00": ("eight tonight", "eight in the evening", "8 pm", "20:00"),
        "03:30": ("03:30", "three thirty in the morning"),
    },
    "de-DE": {
        "15:30": ("halb vier", "fünfzehn uhr dreißig", "15 Uhr 30", "um halb vier nachmittags", "15:30 Uhr"),
        "15:15": ("viertel nach drei", "fünfzehn nach drei"),
        "14:45": ("viertel vor drei", "dreiviertel drei"),
        "09:10": ("zehn nach neun", "neun uhr zehn", "zehn nach neun morgens"),
        "13:00": ("ein uhr", "dreizehn uhr"),
        "20:00": ("acht uhr abends", "zwanzig uhr"),
    },
    "es-ES": {
        "15:30": ("las tres y media", "a las tres y media de la tarde", "quince treinta"),
        "14:45": ("las tres menos cuarto",),
        "15:15": ("las tres y cuarto",),
        "10:20": ("las diez y veinte", "diez y veinte de la mañana"),
        "13:00": ("la una", "la una en punto"),
        "21:00": ("las nueve de la noche",),
    },
    "fr-FR": {
        "15:30": ("trois heures et demie", "quinze heures trente", "15h30", "trois heures et demie de l'après-midi"),
        "15:15": ("trois heures et quart",),
        "14:45": ("trois heures moins le quart",),
        "14:50": ("trois heures moins dix",),
        "12:30": ("midi et demi",),
        "13:00": ("une heure", "treize heures"),
        "08:00": ("huit heures du matin", "huit heures"),
    },
}  # fmt: skip


def read(said: str, language: str = "en-US") -> Reading | None:
    capture = Capture.model_validate({"variable": "hour", "type": "time"})
    return kind_of(capture, (language,), "2026-03-02").read(said)


@each_of(
    [
        (language, meant, each)
        for language, times in FORMS.items()
        for meant, said in times.items()
        for each in said
    ]
)
def test_a_time_is_understood_as_it_is_said(language: str, meant: str, said: str) -> None:
    reading = read(said, language)
    assert reading is not None
    assert reading.value == meant


@pytest.mark.parametrize(
    "said", ["", "tomorrow", "in the morning", "three or four", "may 3 at 3", "yes", "to"]
)
def test_what_is_no_time_or_two_is_none(said: str) -> None:
    reading = read(said)
    assert reading is None or reading.value is None


@pytest.mark.parametrize("said", ["25:10", "eleven seventy five", "nine 99"])
def test_a_time_that_there_is_not_is_unfit(said: str) -> None:
    reading = read(said)
    assert reading is not None
    assert (reading.is_unfit, reading.value) == (True, None)


@given(st.integers(0, 23), st.integers(0, 59), st.sampled_from([*FORMS]))
def test_whatever_is_kept_reads_as_itself_and_is_said_back_so(hour: int, minute: int, language: str) -> None:
    written = f"{hour:02d}:{minute:02d}"
    kept = read(written, language)
    assert kept is not None
    assert (kept.value, kept.written) == (written, written)
    again = read(kept.spoken, language)
    assert again is not None
    assert again.value == written or language != "en-US"


@pytest.mark.parametrize(
    ("keys", "kept"), [("9", "09:00"), ("15", "15:00"), ("330", "03:30"), ("1530", "15:30"), ("2500", None)]
)
def test_keys_are_hours_and_minutes_of_the_whole_day(keys: str, kept: str | None) -> None:
    dialogue = Dialogue(
        Capture.model_validate({"variable": "hour", "type": "time"}), languages=("en-US",), today="2026-03-02"
    )
    step = dialogue.key_in(Draft(), keys)
    reading = dialogue.kind.read(step.draft.heard)
    assert (reading.value if reading is not None and step.draft.is_read_back else None) == kept


def test_the_wrong_half_of_the_day_is_mended() -> None:
    dialogue = Dialogue(
        Capture.model_validate({"variable": "hour", "type": "time"}), languages=("en-US",), today="2026-03-02"
    )
    step = dialogue.hear(Draft(), "six thirty")
    assert step is not None
    assert dialogue.spoken(step.draft) == "6:30 p.m."
    mended = dialogue.hear(step.draft, "no in the morning")
    assert mended is not None
    assert dialogue.spoken(mended.draft) == "6:30 a.m."
    kept = dialogue.hear(mended.draft, "yes")
    assert kept is not None
    assert kept.gathered == {"hour": "06:30"}
