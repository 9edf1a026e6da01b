"""When Transcribe's words are the caller's turn, without a service and without a clock."""

from streamer.speech.ports import Recognition
from streamer.speech.transcribe.committing import Committing
from streamer.speech.transcribe.results import ItemKind, TranscribeItem, TranscribeResult


def told(
    *words: tuple[str, int, int], id_: str = "r1", stable: bool = True, partial: bool = True
) -> TranscribeResult:
    items = tuple(
        TranscribeItem(content=text, kind=ItemKind.WORD, start_ms=start, end_ms=end, is_stable=stable)
        for text, start, end in words
    )
    return TranscribeResult(
        result_id=id_,
        is_partial=partial,
        start_ms=items[0].start_ms,
        end_ms=items[-1].end_ms,
        text=" ".join(item.content for item in items),
        items=items,
    )


def texts(committing: Committing, now_ms: int) -> list[str]:
    return [final.text for final in answers(committing, now_ms)]


def answers(committing: Committing, now_ms: int) -> list[Recognition]:
    """Take the answers that are due."""
    finals = []
    while committing.is_asked and now_ms >= committing.due_ms(now_ms):
        finals.append(committing.answer())
    return finals


NINE, THIRTY, PLEASE = ("nine", 100, 400), ("thirty", 450, 800), ("please", 900, 1300)


def test_stable_words_that_cover_the_voice_are_the_turn_at_once() -> None:
    committing = Committing()
    committing.take(told(NINE, THIRTY), now_ms=900)
    committing.ask(voice_end_ms=900, now_ms=1100)
    assert texts(committing, 1100) == ["nine thirty"]
    assert not committing.is_asked


def test_words_that_may_change_are_taken_once_they_have_not_for_150_ms() -> None:
    committing = Committing()
    committing.ask(voice_end_ms=900, now_ms=1100)
    committing.take(told(NINE, THIRTY, stable=False), now_ms=1200)
    assert texts(committing, 1300) == []
    assert committing.due_ms(1300) == 1350
    assert texts(committing, 1350) == ["nine thirty"]


def test_words_that_end_before_the_voice_did_are_waited_for() -> None:
    committing = Committing()
    committing.take(told(NINE), now_ms=500)
    committing.ask(voice_end_ms=1300, now_ms=1500)
    assert texts(committing, 1600) == []
    committing.take(told(NINE, THIRTY, PLEASE, partial=False), now_ms=1700)
    assert texts(committing, 1700) == ["nine thirty please"]


def test_words_that_will_not_change_may_get_another_one_100_ms_later() -> None:
    committing = Committing()
    committing.ask(voice_end_ms=900, now_ms=1100)
    committing.take(told(NINE, THIRTY), now_ms=1200)
    assert texts(committing, 1299) == []
    committing.take(told(NINE, THIRTY, ("is", 850, 950)), now_ms=1299)
    assert texts(committing, 1398) == []
    assert texts(committing, 1399) == ["nine thirty is"]


def test_no_text_is_no_words_1200_ms_after_the_voice_and_not_before() -> None:
    committing = Committing()
    committing.ask(voice_end_ms=900, now_ms=1100)
    assert texts(committing, 2099) == []
    assert texts(committing, 2100) == [""]


def test_no_word_counts_twice_though_its_result_is_told_again() -> None:
    committing = Committing()
    committing.take(told(NINE), now_ms=500)
    committing.ask(voice_end_ms=400, now_ms=600)
    assert texts(committing, 600) == ["nine"]
    committing.take(told(("nine", 110, 405), THIRTY, partial=False), now_ms=1000)
    committing.ask(voice_end_ms=800, now_ms=1000)
    assert texts(committing, 1000) == ["thirty"]
    committing.take(told(PLEASE, id_="r2"), now_ms=1400)
    committing.ask(voice_end_ms=1300, now_ms=1500)
    assert texts(committing, 1500) == ["please"]


def test_what_no_final_has_taken_is_a_partial_once_and_again_when_more_of_it_is_stable() -> None:
    committing = Committing()
    assert committing.partial() is None
    committing.take(told(NINE, THIRTY, stable=False), now_ms=900)
    partial = committing.partial()
    assert partial is not None
    assert (partial.text, partial.stable_text, partial.is_final) == ("nine thirty", "", False)
    assert [(word.start_ms, word.end_ms) for word in partial.words] == [(100, 400), (450, 800)]
    assert committing.partial() is None
    committing.take(told(NINE, THIRTY), now_ms=1000)
    stable = committing.partial()
    assert stable is not None
    assert stable.stable_text == "nine thirty"
    committing.ask(voice_end_ms=800, now_ms=1000)
    (final,) = answers(committing, 1000)
    assert (final.result_id, final.is_final) == (partial.result_id, True)
    assert committing.partial() is None


def test_a_final_of_the_service_that_differs_corrects_what_was_taken() -> None:
    committing = Committing()
    committing.take(told(NINE, ("thirteen", 450, 800), stable=False), now_ms=900)
    committing.ask(voice_end_ms=800, now_ms=1000)
    (taken,) = answers(committing, 1150)
    (corrected,) = committing.take(told(NINE, THIRTY, ("it", 780, 850), partial=False), now_ms=1500)
    assert (taken.text, corrected.text) == ("nine thirteen", "nine thirty it")
    assert (corrected.result_id, corrected.is_final) == (taken.result_id, True)
    committing.ask(voice_end_ms=2000, now_ms=2200)
    assert texts(committing, 3400) == [""], "no word counts twice"


def test_a_final_corrects_each_of_the_answers_that_its_words_were_given_to() -> None:
    committing = Committing()
    committing.take(told(NINE), now_ms=500)
    committing.ask(voice_end_ms=400, now_ms=600)
    assert texts(committing, 600) == ["nine"]
    committing.take(told(NINE, THIRTY), now_ms=900)
    committing.ask(voice_end_ms=800, now_ms=1000)
    assert texts(committing, 1000) == ["thirty"]
    assert committing.take(told(NINE, THIRTY, partial=False), now_ms=1100) == []
    changed = committing.take(told(("mine", 90, 400), ("thirteen", 440, 810), partial=False), now_ms=1200)
    assert {final.result_id: final.text for final in changed} == {"1": "mine", "2": "thirteen"}


def test_a_final_that_has_nothing_where_words_were_taken_leaves_them() -> None:
    committing = Committing()
    committing.take(told(NINE), now_ms=500)
    committing.ask(voice_end_ms=400, now_ms=600)
    assert texts(committing, 600) == ["nine"]
    assert committing.take(told(("thirty", 1450, 1800), partial=False), now_ms=1900) == []
    committing.ask(voice_end_ms=1800, now_ms=2000)
    assert texts(committing, 2000) == ["thirty"]
