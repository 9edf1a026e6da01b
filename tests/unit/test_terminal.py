"""What commands write to a terminal, and what they never do."""

import io
import json
import os

import pytest

from local.client.terminal import Colour, Line, printable, say, say_json, wants_colour


class Screen(io.StringIO):
    """A terminal, or a file."""

    def __init__(self, *, is_terminal: bool = True) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


def test_a_colour_surrounds_the_line_and_changes_nothing_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    screen, file = Screen(), Screen(is_terminal=False)
    for stream in (screen, file):
        say(Line(text="yes", colour=Colour.CALLER), "no", to=stream)
    assert screen.getvalue() == "\033[36myes\033[0m\nno\n"
    assert file.getvalue() == "yes\nno\n"


@pytest.mark.parametrize(
    ("is_terminal", "env", "wanted"),
    [(True, {}, True), (True, {"NO_COLOR": "1"}, False), (False, {}, False)],
)
def test_colours_are_for_terminals_whose_owner_wants_them(
    is_terminal: bool, env: dict[str, str], wanted: bool
) -> None:
    assert wants_colour(Screen(is_terminal=is_terminal), env) is wanted


@pytest.mark.parametrize(
    "foreign",
    [
        "\033[2J",  # clears the screen
        "\033]0;title\007",  # names the window
        "\033]52;c;cm0gLXJm\007",  # fills the clipboard
        "\033P$q\033\\",
        "\x9b2J",  # the same as an escape and a bracket, in one character
        "a\rb\nc\bd\x7fe",
        "\u202egnirts\u2066",  # turns the direction of what follows
        "\u2028\u2029\x85",
        "\ud800",
    ],
)
def test_nothing_foreign_drives_a_terminal(foreign: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    screen = Screen()
    say(f"name {foreign}.", Line(text=foreign, colour=Colour.BAD), to=screen)
    first, second, rest = screen.getvalue().split("\n")
    assert rest == ""
    assert (first + second).isprintable()
    assert len(second) == len(foreign)


def test_words_in_any_script_are_left_as_they_are() -> None:
    for text in ("Zoë Müller, 12:30", "שלום", "नमस्ते", "東京 😀"):
        assert printable(text) == text


def test_a_document_is_ascii_whatever_is_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    document = {"name": "\033[2J\x9b\u202e\x7fé"}
    say_json({**document})
    line = capsys.readouterr().out
    assert line.isascii()
    assert line.rstrip(os.linesep).isprintable()
    assert json.loads(line) == document
