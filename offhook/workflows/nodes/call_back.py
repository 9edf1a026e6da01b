"""What a node may promise: that the caller is called back."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from offhook.workflows.piece import Piece
from offhook.workflows.templates import checked_time_zone

MOST_MINUTES = 90 * 24 * 60


class CallBack(Piece):
    """The call-back that the caller is promised on entering the node; the last promise of a call counts.

    It is `in_minutes` from then, or on a `day` (ISO 8601; the next such time without one) at a `time` (`15:30`, `9`, `3 pm`) in
    the `time_zone`. Day, time and reason are templates, such as `{{gathered_context.day}}` for a day that was captured.
    """

    in_minutes: Annotated[float, Field(gt=0, le=MOST_MINUTES)] | None = None
    day: str = Field("", max_length=200)
    time: str = Field("", max_length=200)
    time_zone: Annotated[str, AfterValidator(checked_time_zone), Field(max_length=64)] = "UTC"
    reason: str = Field("", max_length=200)

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if (self.in_minutes is None) == (not self.time):
            raise ValueError("Say when: either `in_minutes`, or a `time`, with a `day` if need be.")
        return self
