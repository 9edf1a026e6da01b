"""A reply as the steps in which it is sent, in no provider's words."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from local.models.script import Fault, Moment, Reply, Text, Tool, Usage
from offhook.models.requests import StopReason


@dataclass(frozen=True, slots=True)
class Opened:
    """The reply begins."""


@dataclass(frozen=True, slots=True)
class Said:
    """The next delta of a block of text."""

    block: int
    text: str
    is_reasoning: bool


@dataclass(frozen=True, slots=True)
class ToolOpened:
    """A tool's call begins; `number` counts the tools of the reply, from 0."""

    block: int
    number: int
    call_id: str
    name: str


@dataclass(frozen=True, slots=True)
class ToolPiece:
    """The next piece of the JSON of a tool's arguments."""

    block: int
    number: int
    json: str


@dataclass(frozen=True, slots=True)
class BlockClosed:
    """A block is complete."""

    block: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The reply is complete."""

    reason: StopReason
    usage: Usage


Step: TypeAlias = Opened | Said | ToolOpened | ToolPiece | BlockClosed | Ended
Timed: TypeAlias = tuple[int, Step | Fault]
"""A step, and how many milliseconds after the one before."""


def steps_of(reply: Reply, *, call_ids: Iterator[str]) -> list[Timed]:
    """Return the steps; what goes wrong in the middle is one of them, and comes when the one after it was due."""
    steps = list(_steps(reply, call_ids))
    if reply.fault is not None and reply.fault.moment is not Moment.BEFORE_HEADERS:
        place = _place(reply.fault.moment, [step for _, step in steps])
        after_ms, step = steps[place]
        steps[place : place + 1] = [(after_ms, reply.fault), (0, step)]
    return steps


def _steps(reply: Reply, call_ids: Iterator[str]) -> Iterator[Timed]:
    yield 0, Opened()
    number = 0
    for block, parts in enumerate(_blocks(reply)):
        match parts:
            case Tool():
                yield parts.after_ms, ToolOpened(block, number, next(call_ids), parts.name)
                for piece in _pieces(parts):
                    yield 0, ToolPiece(block, number, piece)
                number += 1
            case list():
                for text in parts:
                    yield text.after_ms, Said(block, text.text, text.is_reasoning)
        yield 0, BlockClosed(block)
    yield 0, Ended(reply.reason, reply.usage)


def _blocks(reply: Reply) -> list[list[Text] | Tool]:
    """Gather neighbouring deltas of one kind."""
    blocks: list[list[Text] | Tool] = []
    for part in reply.parts:
        last = blocks[-1] if blocks else None
        if isinstance(part, Tool):
            blocks.append(part)
        elif isinstance(last, list) and last[0].is_reasoning == part.is_reasoning:
            last.append(part)
        else:
            blocks.append([part])
    return blocks


def _pieces(tool: Tool) -> list[str]:
    text = tool.arguments if isinstance(tool.arguments, str) else json.dumps(tool.arguments)
    bounds = [len(text) * n // tool.pieces for n in range(tool.pieces + 1)]
    return [text[start:end] for start, end in pairwise(bounds)]


def _place(moment: Moment, steps: list[Step | Fault]) -> int:
    if moment is Moment.AFTER_HEADERS:
        return 0
    kind = _MIDST[moment]
    places = [place for place, step in enumerate(steps) if isinstance(step, kind)]
    return places[len(places) // 2]


_MIDST: dict[Moment, type[Step]] = {
    Moment.IN_TEXT: Said,
    Moment.IN_TOOL: ToolPiece,
    Moment.BEFORE_END: Ended,
}
