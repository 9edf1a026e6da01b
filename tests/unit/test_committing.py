"""When Transcribe's words are the caller's turn, without a service and without a clock."""

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


NINE, THIRTY, PLEASE = ("nine", 100, 400), ("thirty", 450, 800), ("please", 900, 1300)


def test_stable_words_that_cover_the_voice_are_the_turn_at_once() -> None:
    committing = Committing()
    committing.take(told(NINE, THIRTY), now_ms=900)
    committing.ask(voice_end_ms=900, now_ms=1100)
    assert list(committing.answers(1100)) == ["nine thirty"]
    assert not committing.is_asked


def test_words_that_may_change_are_taken_once_they_have_not_for_150_ms() -> None:
    committing = Committing()
    committing.ask(voice_end_ms=900, now_ms=1100)
    committing.take(told(NINE, THIRTY, stable=False), now_ms=1200)
    assert list(committing.answers(1300)) == []
    assert committing.due_ms(1300) == 1350
    assert list(committing.answers(1350)) == ["nine thirty"]


def test_words_that_end_before_the_voice_did_are_waited_for() -> None:
    committing = Committing()
    committing.take(told(NINE), now_ms=500)
    committing.ask(voice_end_ms=1300, now_ms=1500)
    assert list(committing.answers(1600)) == []
    committing.take(told(NINE, THIRTY, PLEASE), now_ms=1700)
    assert list(committing.answers(1700)) == ["nine thirty please"]


def test_no_text_is_no_words_after_1200_ms_and_not_before() -> None:
    committing = Committing()
    committing.ask(voice_end_ms=900, now_ms=1100)
    assert list(committing.answers(2299)) == []
    assert list(committing.answers(2300)) == [""]


def test_no_word_counts_twice_though_its_result_is_told_again() -> None:
    committing = Committing()
    committing.take(told(NINE), now_ms=500)
    committing.ask(voice_end_ms=400, now_ms=600)
    assert list(committing.answers(600)) == ["nine"]
    committing.take(told(("nine", 110, 405), THIRTY, partial=False), now_ms=1000)
    committing.ask(voice_end_ms=800, now_ms=1000)
    assert list(committing.answers(1000)) == ["thirty"]
    committing.take(told(PLEASE, id_="r2"), now_ms=1400)
    committing.ask(voice_end_ms=1300, now_ms=1500)
    assert list(committing.answers(1500)) == ["please"]


def test_a_lost_stream_is_forgotten_and_its_question_gets_its_time_again() -> None:
    committing = Committing()
    committing.take(told(NINE, stable=False), now_ms=400)
    committing.ask(voice_end_ms=900, now_ms=1100)
    committing.restart(now_ms=2000)
    assert list(committing.answers(2400)) == []
    committing.take(told(NINE, THIRTY), now_ms=2500)
    assert list(committing.answers(2500)) == ["nine thirty"]
