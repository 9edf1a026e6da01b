"""What is for the eye is not read aloud, and words that only look like it are."""

import pytest

from streamer.call.conversation.speakable import speakable


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("This is **very** important, *really*, ***so***.", "This is very important, really, so."),
        ("Your _order_ is __ready__.", "Your order is ready."),
        ("# Your order\nIt is `A-17`.", "Your order\nIt is A-17."),
        ("We have:\n- apples\n- pears\n* plums", "We have:\napples. pears. plums"),
        ("> Quoted\n---\nDone", "Quoted\n\nDone"),
        ("See [our page](https://example.com/a?b=c) today.", "See our page today."),
        ("![A cat](https://example.com/cat.png)", "A cat"),
        ('<speak>Hello <break time="500ms"/><emphasis level="strong">Ada</emphasis></speak>', "Hello Ada"),
        ("<p>One<br/>two &amp; three</p><script>alert(1)</script>", "One two & three"),
        ("<!-- hidden -->Shown", "Shown"),
        ("Great! 🎉👍🏽 See you 👩‍👩‍👧 there ✅ 1️⃣", "Great! See you there 1"),
        ("| Day | Time |\n|---|---|\n| Monday | nine |", ", Day, Time,\n\n, Monday, nine,"),
        ("```python\nprint\n```", "print"),
        ("a\u200bb\x07c\u202ed", "a b c d"),
        ("~~old~~ new", "old new"),
        ("Meet us <b>here</b> 🎉. Bye!", "Meet us here. Bye!"),
    ],
)
def test_marks_are_left_out(written: str, said: str) -> None:
    assert speakable(written) == said


@pytest.mark.parametrize(
    "text",
    [
        "Two * three is six, and 5 < 7 > 3.",
        "If a<b and c>d it holds.",
        "Take snake_case_names as they are.",
        "Dial #4 or *7.",
        "It is -5 degrees; well-known.",
        "R&D costs 10% & more, @home.",
        "Grüße, Ænder, ñandú, 你好, नमस्ते!",
        "Ring 555-0100 at 9:30.",
    ],
)
def test_words_are_left_alone(text: str) -> None:
    assert speakable(text) == text.replace("*7", "7")


def test_what_is_only_marks_says_nothing() -> None:
    assert speakable("*** <br/> 🎉 ---") == ""
