"""The quality check: after the call, a language model judges its transcript by criteria."""

from typing import Annotated, ClassVar

from pydantic import Field

from offhook.workflows.nodes.node import Node, NodeData
from offhook.workflows.piece import Piece


class Criterion(Piece):
    """Something that the call is judged by: met or not, or with a `scale` by a number from 1 to that."""

    name: str = Field(min_length=1, max_length=64)
    description: str = Field("", max_length=1000)
    scale: int | None = Field(None, ge=2, le=100)


class QaData(NodeData):
    """By what it is judged, and which calls are; `criteria` are ours, not Dograh's."""

    qa_enabled: bool = True
    qa_system_prompt: str = Field("", max_length=20_000)
    # In seconds.
    qa_min_call_duration: Annotated[float, Field(ge=0, le=86_400)] = 15
    qa_voicemail_calls: bool = False
    # In percent.
    qa_sample_rate: Annotated[float, Field(ge=0, le=100)] = 100
    criteria: tuple[Criterion, ...] = Field((), max_length=20)


class QaNode(Node):
    """A check of the call's quality after its end."""

    kind: ClassVar = "qa"
    at_most: ClassVar = 5

    data: QaData = QaData()

    @property
    def is_active(self) -> bool:
        """Whether it judges calls."""
        return self.data.qa_enabled
