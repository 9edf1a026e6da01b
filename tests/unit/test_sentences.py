"""Where sentences end, by language, and where a long one is cut."""

import pytest

from streamer.call.conversation.sentences import (
    MAX_SENTENCE_CHARACTERS,
    MAX_SENTENCES,
    first_sentence,
    sentences,
)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en-US",
            ["Hello Ada, this is Dr. Smith of Maple St. Clinic.", "Come at 9 a.m. on Monday!", "Fine?"],
        ),
        ("en-US", ["Bring fruit, e.g. Apples, i.e. fresh ones.", "J. R. Miller waits."]),
        ("en-US", ["It costs 3.30 dollars.", "The U.S. office is No. 7."]),
        ("en-US", ["Is it so?", "No.", "It sat in the sun.", "No. 7 is due on Sat. 5 May."]),
        ("en-US", ["So do I.", "Good."]),
        ("en-US", ['He said "yes."', "Then he left..."]),
        ("en-US", ["Wait... no.", "Go!"]),
        ("de-DE", ["Herr Dr. Weber kommt am 3. Mai, bzw. Am 4. Juni.", "Danke."]),
        ("en-GB", ["It is the 3.", "May I help?"]),
        ("es-ES", ["El Sr. Ruiz no está.", "¿Quiere esperar?", "¡Bien!"]),
        ("fr-FR", ["M. Dupont arrive.", "Merci."]),
        ("ja-JP", ["お電話ありがとうございます。", "ご用件は何ですか\uff1f", "はい"]),
        ("hi-IN", ["नमस्ते।", "आप कैसे हैं?"]),
    ],
)
def test_a_text_is_cut_where_its_sentences_end(language: str, expected: list[str]) -> None:
    between = "" if language.startswith("ja") else " "
    assert sentences(between.join(expected), language) == expected


def test_what_goes_on_in_small_letters_is_one_sentence() -> None:
    assert sentences("See approx. five of them. Good.", "xx") == ["See approx. five of them.", "Good."]


@pytest.mark.parametrize("text", ["", "Hello", "Hello.", "Hello. ", "Dr. Smith", "Hello Dr. "])
def test_a_text_that_may_go_on_has_no_sentence_yet(text: str) -> None:
    assert first_sentence(text, "en-US") == ("", text)


def test_a_sentence_is_certain_once_the_next_one_begins() -> None:
    assert first_sentence("Hello. H", "en-US") == ("Hello.", "H")


def test_the_numbers_of_a_list_end_nothing() -> None:
    assert sentences("1. Press one.\n2. Hang up.", "en-US") == ["1. Press one.", "2. Hang up."]


def test_a_sentence_without_an_end_is_cut_where_a_breath_may_be_taken() -> None:
    text = ("word " * 70 + "there, ") + "word " * 100
    first, *others = sentences(text, "en-US")
    assert first == ("word " * 70 + "there,")
    assert all(len(sentence) <= MAX_SENTENCE_CHARACTERS for sentence in [first, *others])
    assert " ".join([first, *others]) == text.strip()
    assert sentences("x" * 1000, "en-US")[0] == "x" * MAX_SENTENCE_CHARACTERS


def test_a_text_of_countless_sentences_is_cut_into_some() -> None:
    found = sentences("A! " * 5000, "en-US")
    assert len(found) == MAX_SENTENCES
