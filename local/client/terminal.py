"""What commands show a person: the one place from which they write, and where foreign text is made printable.

Names, words and reasons come from whoever calls, whoever is called and whoever answers; an escape sequence among them
would drive the terminal of whoever looks.
"""

import json
import math
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TextIO

from offhook.json_types import JsonObject


class Colour(StrEnum):
    """The few ANSI colours that every terminal has."""

    AGENT = "\033[32m"
    CALLER = "\033[36m"
    NODE = "\033[35m"
    QUIET = "\033[2m"
    BAD = "\033[31m"


_RESET = "\033[0m"
_CLEAR = "\033[K"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line in a colour, for terminals that show colours."""

    text: str
    colour: Colour | None = None


def say(*lines: str | Line, to: TextIO | None = None) -> None:
    """Print lines, to stdout where nothing else is said; nothing that is in one can begin another."""
    stream = to or sys.stdout
    has_colour = wants_colour(stream, os.environ)
    for line in lines:
        found = Line(text=line) if isinstance(line, str) else line
        text = printable(found.text)
        tint = found.colour if has_colour else None
        print(f"{tint}{text}{_RESET}" if tint else text, file=stream)
    stream.flush()


def say_json(document: JsonObject) -> None:
    """Print a document for a program, in one line of ASCII."""
    print(json.dumps(document), flush=True)


def tell(document: JsonObject, *lines: str | Line, as_json: bool) -> None:
    """Print a document for a program, or the lines that tell a person the same."""
    if as_json:
        say_json(document)
    else:
        say(*lines)


def printable(text: str) -> str:
    """Return the text without what a terminal would obey: each such character becomes a space."""
    return "".join(c if c.isprintable() else " " for c in text)


def wants_colour(stream: TextIO, env: Mapping[str, str]) -> bool:
    """Say whether colours may go there: to a terminal, unless its owner has set NO_COLOR."""
    return stream.isatty() and not env.get("NO_COLOR")


class StatusLine:
    """A line that tells how something stands: written over on a terminal, now and then a new one anywhere else."""

    def __init__(
        self, stream: TextIO, *, pause_s: float = 10, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._pause_s = pause_s
        self._clock = clock
        self._shown = ""
        self._shown_at = -math.inf

    def show(self, text: str) -> None:
        """Say it, unless it is what stands there; where lines stay, no sooner than the pause after the last one."""
        line = printable(text)
        if line == self._shown or not (self._is_terminal or self._clock() - self._shown_at >= self._pause_s):
            return
        self._shown, self._shown_at = line, self._clock()
        if self._is_terminal:
            # A line that breaks could not be written over: it is cut to the terminal's width.
            self._stream.write(f"\r{_CLEAR}{line[: shutil.get_terminal_size().columns - 1]}")
        else:
            self._stream.write(f"{line}\n")
        self._stream.flush()

    def end(self) -> None:
        """Leave what stands there, and go on below it."""
        if self._is_terminal and self._shown:
            self._stream.write("\n")
            self._stream.flush()
