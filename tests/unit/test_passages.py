"""Cutting texts into passages."""

from hypothesis import given
from hypothesis import strategies as st

from offhook.knowledge.passages import PASSAGE_CHARACTERS, Passage, passages

LONG = "We are open from nine to five. " * 60


def test_paragraphs_are_put_together_as_far_as_they_fit() -> None:
    assert list(passages("One.\n\nTwo.\n\nThree.")) == [Passage(text="One.\nTwo.\nThree.")]
    first, second = passages("a" * 500 + "\n\n" + "b" * 500)
    assert (first.text, second.text) == ("a" * 500, "b" * 500)


def test_each_passage_keeps_the_heading_that_it_stands_under() -> None:
    text = f"Before.\n\n# Opening hours\nFrom nine.\n\n{LONG}\n\n## Parking\n\nBehind the house."
    found = list(passages(text))
    assert found[0] == Passage(text="Before.")
    assert {each.heading for each in found[1:-1]} == {"Opening hours"}
    assert len(found[1:-1]) > 1
    assert found[-1].whole == "Parking\nBehind the house."


def test_a_heading_with_nothing_under_it_is_a_passage() -> None:
    assert list(passages("# Closed on Sundays")) == [Passage(text="Closed on Sundays")]


def test_a_long_paragraph_is_cut_at_the_ends_of_sentences() -> None:
    assert all(each.text.endswith("five.") for each in passages(LONG))
    assert len("".join(each.text for each in passages("x" * 5000))) == 5000


@given(st.text(st.characters(codec="utf-8"), max_size=3000))
def test_no_word_is_lost_and_no_passage_is_too_long(text: str) -> None:
    found = list(passages(text))
    assert all(len(each.text) <= PASSAGE_CHARACTERS for each in found)
    kept = "".join("".join(each.whole.split()) for each in found)
    assert {letter for letter in text if letter.isalnum()} <= set(kept)
