"""Who answers an outbound call, and what an agent does about each: the `answered_by` of its settings."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from offhook.documents import GivenDocument
from offhook.vocabulary import AnswerAction, AnsweredBy

Sentence = Annotated[str, Field(max_length=1_000)]
Phrase = Annotated[str, Field(min_length=1, max_length=200)]
Disposition = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Phrases = Annotated[
    tuple[Phrase, ...] | None,
    Field(
        max_length=100,
        description="What is said there; null is what is known in the agent's language, see docs.",
    ),
]
_Disposition = Annotated[
    Disposition | None,
    Field(description="The run's, when the call ends there; null is that of the end reason."),
]
_WaitSeconds = Annotated[
    int, Field(ge=5, le=600, description="How long a person is waited for, before the agent hangs up.")
]


class _Answerer(GivenDocument):
    """What all that may answer have in common."""

    model_config = ConfigDict(frozen=True)

    phrases: Phrases = None


class Person(_Answerer):
    """Somebody who can be talked to; their phrases outweigh as many of a machine's."""

    @property
    def action(self) -> AnswerAction:
        """What is done about people, always."""
        return AnswerAction.TALK

    @property
    def disposition(self) -> None:
        """None: the workflow names what comes of a talk."""


class Voicemail(_Answerer):
    """A machine that takes messages."""

    action: Literal[AnswerAction.TALK, AnswerAction.LEAVE_MESSAGE, AnswerAction.HANG_UP] = AnswerAction.TALK
    message: Sentence = Field(default="", description="What `leave_message` says after the beep; a template.")
    disposition: _Disposition = None

    @model_validator(mode="after")
    def _has_its_message(self) -> "Voicemail":
        if self.action is AnswerAction.LEAVE_MESSAGE and not self.message.strip():
            raise ValueError("The action leave_message needs a `message` to leave.")
        return self


class Screening(_Answerer):
    """An assistant that asks who calls, and why, before a person comes."""

    action: Literal[AnswerAction.TALK, AnswerAction.INTRODUCE, AnswerAction.HANG_UP] = AnswerAction.TALK
    message: Sentence = Field(
        default="", description="What `introduce` says: who calls, and why; a template."
    )
    wait_seconds: _WaitSeconds = 45
    disposition: _Disposition = None

    @model_validator(mode="after")
    def _has_its_message(self) -> "Screening":
        if self.action is AnswerAction.INTRODUCE and not self.message.strip():
            raise ValueError("The action introduce needs a `message` that says who calls.")
        return self


class Menu(_Answerer):
    """A machine that offers choices: "for sales, press one"."""

    action: Literal[AnswerAction.TALK, AnswerAction.PRESS_KEYS, AnswerAction.HANG_UP] = AnswerAction.TALK
    keys: Annotated[str, StringConstraints(pattern=r"^[0-9*#A-Dw]{0,64}$")] = Field(
        default="", description="What `press_keys` presses; `w` waits half a second."
    )
    wait_seconds: _WaitSeconds = 60
    disposition: _Disposition = None

    @model_validator(mode="after")
    def _has_its_keys(self) -> "Menu":
        if self.action is AnswerAction.PRESS_KEYS and not self.keys.strip("w"):
            raise ValueError("The action press_keys needs `keys` to press.")
        return self


class NotInService(_Answerer):
    """A message that nobody can be reached at this number."""

    action: Literal[AnswerAction.TALK, AnswerAction.HANG_UP] = AnswerAction.HANG_UP
    disposition: _Disposition = None


class Answerers(GivenDocument):
    """What is done about each of those who may answer an outbound call, and what each is known by."""

    model_config = ConfigDict(frozen=True)

    person: Person = Person()
    voicemail: Voicemail = Voicemail()
    screening: Screening = Screening()
    menu: Menu = Menu()
    not_in_service: NotInService = NotInService()

    def of(self, kind: AnsweredBy) -> Person | Voicemail | Screening | Menu | NotInService:
        """Return what is set for this kind."""
        answerer: Person | Voicemail | Screening | Menu | NotInService = getattr(self, kind.value)
        return answerer

    @property
    def acted_on(self) -> tuple[AnsweredBy, ...]:
        """The kinds that the agent does not just talk to."""
        return tuple(kind for kind in AnsweredBy if self.of(kind).action is not AnswerAction.TALK)

    @property
    def go_by_words(self) -> bool:
        """Say whether somebody wants machines to be known by their words, as these settings alone do not."""
        given = self.model_fields_set
        return any(kind in given for kind in self.acted_on)


class FormerVoicemail(GivenDocument):
    """The setting of before `answered_by`: how an answering machine is known, and what is done then."""

    model_config = ConfigDict(frozen=True)

    action: Literal["ignore", "hang_up", "leave_message"] = "ignore"
    message: Sentence = ""
    phrases: Phrases = None

    @model_validator(mode="after")
    def _has_its_message(self) -> "FormerVoicemail":
        if self.action == "leave_message" and not self.message.strip():
            raise ValueError("The action leave_message needs a `message` to leave.")
        return self

    @property
    def renamed(self) -> Voicemail:
        """The same, as it is set now."""
        action = AnswerAction.TALK if self.action == "ignore" else AnswerAction(self.action)
        return Voicemail.model_validate({"action": action, "message": self.message, "phrases": self.phrases})
