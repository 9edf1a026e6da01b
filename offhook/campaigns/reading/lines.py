"""The lines of a file that comes in blocks: each costs a bounded amount of memory, whatever it holds."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

MOST_LINE_BYTES = 32_768


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end, cut where it is too long, and the offset of the one that follows."""

    text: bytes
    end: int

    @property
    def is_too_long(self) -> bool:
        """Say whether there was more of it than is ever read."""
        return len(self.text) > MOST_LINE_BYTES


class Lines:
    """An iterator over lines, which can be given back."""

    def __init__(self, blocks: Iterable[bytes], offset: int, newline: bytes) -> None:
        self._split = _split(blocks, offset, newline)
        self._given_back: deque[Line] = deque()

    def __iter__(self) -> Iterator[Line]:
        return self

    def __next__(self) -> Line:
        return self._given_back.popleft() if self._given_back else next(self._split)

    def give_back(self, lines: Sequence[Line]) -> None:
        """Have these lines, the last that were read, come again."""
        self._given_back.extendleft(reversed(lines))


def newline_of(head: bytes) -> bytes:
    """Return what ends the lines of a file that begins so: old spreadsheets of Apple's write carriage returns alone."""
    return b"\r" if b"\r" in head and b"\n" not in head else b"\n"


def _split(blocks: Iterable[bytes], end: int, newline: bytes) -> Iterator[Line]:
    kept = b""
    for block in blocks:
        *pieces, rest = block.split(newline)
        for piece in pieces:
            end += len(piece) + 1
            yield Line(_cut(kept, piece), end)
            kept = b""
        end += len(rest)
        kept = _cut(kept, rest)
    if kept:
        yield Line(kept, end)


def _cut(kept: bytes, piece: bytes) -> bytes:
    return (kept + piece)[: MOST_LINE_BYTES + 1] if kept else piece[: MOST_LINE_BYTES + 1]
