"""What Transcribe tells, typed; times in milliseconds of the stream's audio."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, Field


class ItemKind(StrEnum):
    """What an item is."""

    WORD = "pronunciation"
    PUNCTUATION = "punctuation"


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscribeItem:
    """One word or mark; one that `is_stable` will not change any more."""

    content: str
    kind: ItemKind
    start_ms: int
    end_ms: int
    is_stable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscribeResult:
    """One part of what was said; another with the same `result_id` replaces it, until one is not partial."""

    result_id: str
    is_partial: bool
    start_ms: int
    end_ms: int
    text: str
    items: tuple[TranscribeItem, ...]
    language: str = ""


class _Item(BaseModel):
    Content: str = ""
    Type: ItemKind = ItemKind.WORD
    StartTime: float = 0.0
    EndTime: float = 0.0
    Stable: bool | None = None


class _Alternative(BaseModel):
    Transcript: str = ""
    Items: list[_Item] = Field(default_factory=list)


class _Result(BaseModel):
    ResultId: str
    IsPartial: bool = False
    StartTime: float = 0.0
    EndTime: float = 0.0
    Alternatives: list[_Alternative] = Field(default_factory=list)
    LanguageCode: str | None = None


class _Transcript(BaseModel):
    Results: list[_Result] = Field(default_factory=list)


class _TranscriptEvent(BaseModel):
    Transcript: _Transcript


def read_event(payload: bytes) -> Iterator[TranscribeResult]:
    """Yield the results of one transcript event; raise ValueError when it is none."""
    for result in _TranscriptEvent.model_validate_json(payload).Transcript.Results:
        if result.Alternatives:
            yield _to_result(result, result.Alternatives[0])


def _to_result(result: _Result, alternative: _Alternative) -> TranscribeResult:
    return TranscribeResult(
        result_id=result.ResultId,
        is_partial=result.IsPartial,
        start_ms=to_ms(result.StartTime),
        end_ms=to_ms(result.EndTime),
        text=alternative.Transcript,
        items=tuple(
            TranscribeItem(
                content=item.Content,
                kind=item.Type,
                start_ms=to_ms(item.StartTime),
                end_ms=to_ms(item.EndTime),
                is_stable=item.Stable is True or not result.IsPartial,
            )
            for item in alternative.Items
        ),
        language=result.LanguageCode or "",
    )


def to_ms(seconds: float) -> int:
    return round(seconds * 1000)
