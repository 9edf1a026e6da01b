"""Cutting texts into passages: whole paragraphs as far as they fit, each with the heading that it stands under."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

PASSAGE_CHARACTERS = 800
"""What a passage has at most without its heading: a model reads three of them in a turn, and says a sentence or two."""

_MOST_HEADING_CHARACTERS = 120
# A line of one class each, so that hostile text costs linear time.
_BLANK = re.compile(r"\n[ \t\r]*\n")
_MARKDOWN_HEADING = re.compile(r"#{1,6}[ \t]+(\S.*)")
_SENTENCE_END = re.compile(r"(?<=[.!?\u3002\uff01\uff1f])\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A piece of a text, and the heading that it stands under, if any."""

    text: str
    heading: str = ""

    @property
    def whole(self) -> str:
        """Both, as they are searched and read."""
        return f"{self.heading}\n{self.text}" if self.heading else self.text


def passages(text: str) -> Iterator[Passage]:
    """Yield the passages of a text, in order; nothing of it is left out but headings, which go before their passages."""
    heading, gathered = "", ""
    for paragraph in _BLANK.split(text):
        lines = paragraph.strip().splitlines()
        found = _heading(lines)
        if found is not None:
            if gathered:
                yield Passage(text=gathered, heading=heading)
            heading, gathered = found, ""
            lines = lines[1:]
        for piece in _pieces("\n".join(line.strip() for line in lines)):
            if gathered and len(gathered) + 1 + len(piece) > PASSAGE_CHARACTERS:
                yield Passage(text=gathered, heading=heading)
                gathered = ""
            gathered = f"{gathered}\n{piece}" if gathered else piece
    if gathered or heading:
        yield Passage(text=gathered or heading, heading=heading if gathered else "")


def _heading(lines: list[str]) -> str | None:
    found = _MARKDOWN_HEADING.fullmatch(lines[0].strip()) if lines else None
    return found[1].strip()[:_MOST_HEADING_CHARACTERS] if found else None


def _pieces(paragraph: str) -> Iterator[str]:
    """Cut a paragraph that is too long at the ends of sentences, else of words, else anywhere."""
    if len(paragraph) <= PASSAGE_CHARACTERS:
        if paragraph:
            yield paragraph
        return
    gathered = ""
    for sentence in _SENTENCE_END.split(paragraph):
        for part in _fitting(sentence):
            if gathered and len(gathered) + 1 + len(part) > PASSAGE_CHARACTERS:
                yield gathered
                gathered = ""
            gathered = f"{gathered} {part}" if gathered else part
    if gathered:
        yield gathered


def _fitting(sentence: str) -> Iterator[str]:
    while len(sentence) > PASSAGE_CHARACTERS:
        place = sentence.rfind(" ", PASSAGE_CHARACTERS // 2, PASSAGE_CHARACTERS)
        place = place if place > 0 else PASSAGE_CHARACTERS
        yield sentence[:place].strip()
        sentence = sentence[place:].lstrip()
    if sentence:
        yield sentence
