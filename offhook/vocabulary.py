"""Words that an agent's settings, its workflow and the log of its calls have in common.

They stand apart from all three, so that whoever reads a log need not know what a workflow is.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field


class AnsweredBy(StrEnum):
    """Who answers a call."""

    PERSON = "person"
    VOICEMAIL = "voicemail"
    SCREENING = "screening"
    MENU = "menu"
    NOT_IN_SERVICE = "not_in_service"


class AnswerAction(StrEnum):
    """What an agent does about who has answered."""

    TALK = "talk"
    LEAVE_MESSAGE = "leave_message"
    INTRODUCE = "introduce"
    PRESS_KEYS = "press_keys"
    HANG_UP = "hang_up"


class Happening(StrEnum):
    """What may happen in a node that an edge can lead on from."""

    TRANSFER_FAILED = "transfer_failed"
    DIGITS_GATHERED = "digits_gathered"
    DIGITS_MISSING = "digits_missing"
    DIGITS_SENT = "digits_sent"
    CAPTURED = "captured"
    NOT_CAPTURED = "not_captured"
    HANDOFF_FAILED = "handoff_failed"


class TransferMode(StrEnum):
    """How a caller is put through: cold at once, warm once the other person knows what it is about."""

    COLD = "cold"
    WARM = "warm"


Summary = Annotated[str, Field(max_length=2000)]
"""What the other person of a warm transfer hears at most: some two minutes."""

RingSeconds = Annotated[int, Field(ge=5, le=120)]
"""How long it may ring."""


class InjectRole(StrEnum):
    """As whose words a text counts that an operator adds to a call: instructions, the caller's, or the agent's."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
