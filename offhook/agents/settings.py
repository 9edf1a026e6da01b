"""An agent's settings: how it speaks, listens, waits and ends."""

from collections.abc import Callable, Iterable
from typing import Annotated, Self, TypeVar

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    StrictBool,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from offhook.agents.answerers import Answerers, FormerVoicemail, Phrase, Sentence
from offhook.agents.dispositions import Disposition
from offhook.agents.engines import MODELS, RECOGNISERS, SYNTHESISERS
from offhook.agents.pronunciations import Pronunciation
from offhook.documents import GivenDocument, sentence
from offhook.errors import FieldProblem, InvalidInputError
from offhook.json_types import JsonObject

# An id of a model or of an inference profile, or a profile's ARN; names of local ones are like `qwen3:4b`.
ModelId = Annotated[str, Field(min_length=1, max_length=512, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@+-]*$")]
Voice = Annotated[str, Field(max_length=100)]
Language = Annotated[str, Field(max_length=35)]
# As Transcribe's VocabularyName.
VocabularyName = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[0-9a-zA-Z._-]+$")]


def _one_of(offers: Iterable[str]) -> Callable[[str], str]:
    """Return a check that a text names one of these engines."""
    names = tuple(offers)

    def check(name: str) -> str:
        if name not in names:
            raise ValueError(f"There is no such engine: use {' or '.join(map(repr, names))}.")
        return name

    return check


def _enum(offers: Iterable[str]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": list(offers)})


RecogniserName = Annotated[str, AfterValidator(_one_of(RECOGNISERS)), _enum(RECOGNISERS)]
SynthesiserName = Annotated[str, AfterValidator(_one_of(SYNTHESISERS)), _enum(SYNTHESISERS)]
ModelName = Annotated[str, AfterValidator(_one_of(MODELS)), _enum(MODELS)]


class Guardrail(GivenDocument):
    """A guardrail that was made at Bedrock beforehand."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # As the Converse API's GuardrailIdentifier and GuardrailVersion.
    id: str = Field(pattern=r"^[a-z0-9]{1,64}$", description="Its id.")
    version: str = Field(
        default="DRAFT",
        pattern=r"^([1-9][0-9]{0,7}|DRAFT)$",
        description="Its version, a number, or `DRAFT`.",
    )


class AgentSettings(GivenDocument):
    """The settings document of a version. Durations in milliseconds or seconds as their names say.

    It is read as it was stored: what a later version of the product has added is passed over.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    voice: Voice | None = Field(
        default=None,
        description="One of the synthesiser's, with a variant after a plus where it has them (`Joanna+generative`, "
        "`en-us+f2`); null takes one of the `language`.",
    )
    language: Language = Field(default="en-US", description="What the agent speaks and listens for.")
    languages: tuple[Language, ...] = Field(
        default=(),
        max_length=5,
        description="Two or more of which the recogniser finds out which one the caller speaks, each in one region.",
    )
    preferred_language: Language | None = Field(
        default=None, description="The one of `languages` that callers speak most often."
    )
    vocabularies: tuple[VocabularyName, ...] = Field(
        default=(),
        max_length=5,
        description="Names of vocabularies that were made at the recogniser's service beforehand: one, or with "
        "`languages` one for each at most.",
    )
    model: ModelName | None = Field(
        default=None,
        description="Whose language model it is. It must be one that the install has; null takes the install's first.",
    )
    model_id: ModelId | None = Field(
        default=None,
        description="Which of its models, such as `us.amazon.nova-lite-v1:0` or `qwen3:4b`; null takes the install's.",
    )
    second_model: ModelName | None = Field(
        default=None,
        description="What answers when the model fails or is too slow; with a `second_model_id` alone it is the first.",
    )
    second_model_id: ModelId | None = Field(
        default=None, description="Which of the second's models; null takes the install's."
    )
    max_reply_tokens: int = Field(
        default=500, ge=32, le=4096, description="Tokens that one reply may have; what is longer is cut off."
    )
    temperature: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="How freely the model chooses its words; null leaves it to the model.",
    )
    guardrail: Guardrail | None = Field(
        default=None, description="A guardrail of Bedrock; what it says in the place of a reply is said."
    )
    recogniser: RecogniserName | None = Field(
        default=None,
        description="It must be one that the install has, and know the `language`, unless the agent goes by keys "
        "alone; null takes the install's first.",
    )
    synthesiser: SynthesiserName | None = Field(
        default=None,
        description="It must be one that the install has, and have the `voice`; null takes the install's first.",
    )
    second_recogniser: RecogniserName | None = Field(
        default=None,
        description="What listens once the recogniser has failed twice; without one the first is opened again and again.",
    )
    second_synthesiser: SynthesiserName | None = Field(
        default=None,
        description="What says a sentence that the synthesiser fails to say; with a `second_voice` alone it is the first.",
    )
    second_voice: Voice | None = Field(
        default=None,
        description="A voice of the second synthesiser; null takes one of the `language`.",
    )
    pronunciations: tuple[Pronunciation, ...] = Field(
        default=(),
        max_length=100,
        description="Words that the voices would say wrongly, and how they are said.",
    )
    endpointing_ms: int = Field(
        default=500,
        ge=100,
        le=5000,
        description="Silence after which the caller's turn has ended, where the words don't tell.",
    )
    endpointing_complete_ms: int = Field(
        default=200, ge=100, le=5000, description="The same after words that the step waits for."
    )
    endpointing_incomplete_ms: int = Field(
        default=1600,
        ge=100,
        le=5000,
        description="The same after words that ask for more: a filler, a function word, digits that are no whole number; and "
        "once the caller has paused within the turn and gone on.",
    )
    barge_in: StrictBool = True
    barge_in_ms: int = Field(
        default=1000,
        ge=60,
        le=5000,
        description="Voice during playback that takes the floor whatever it says; words take it at once.",
    )
    overheard_ms: int = Field(
        default=460,
        ge=200,
        le=5000,
        description="Silence after a sound during playback until which its first words must be known, else the agent goes on; "
        "words that come later interrupt all the same.",
    )
    idle_timeout_ms: int = Field(default=10_000, ge=1000, le=60_000)
    idle_prompts: tuple[Sentence, ...] = Field(default=("Are you still there?",), max_length=10)
    idle_goodbye: Sentence = "I can't hear you, so I will hang up now. Goodbye."
    misunderstood: tuple[Sentence, ...] = Field(
        default=("Sorry, I did not catch that.", "I am afraid I still did not get that."), max_length=10
    )
    misunderstood_goodbye: Sentence = "I am sorry, I can't understand you. Please call us back. Goodbye."
    repeat_phrases: tuple[Phrase, ...] = Field(
        default=("can you repeat that", "please repeat", "sorry what did you say"), max_length=50
    )
    no_answer: Sentence = Field(
        default="I am sorry, that took me too long. Could you say it again?",
        description="Said in the place of an answer that the language model does not give; the call goes on.",
    )
    tool_wait: Sentence = Field(
        default="One moment please, I am still working on it.",
        description="Said every 8 seconds to a caller who waits for a tool.",
    )
    goodbye: Sentence = Field(
        default="Thank you for your time. Goodbye.",
        description="Said at an end whose words the language model does not find.",
    )
    max_call_duration_seconds: int = Field(default=300, ge=10, le=3600)
    max_duration_goodbye: Sentence = "Our time is up, so I have to end the call here. Goodbye."
    error_goodbye: Sentence = "I am sorry, something went wrong on our side. Please try again later. Goodbye."
    drained_goodbye: Annotated[str, Field(max_length=200)] | None = Field(
        default=None,
        description="What callers hear when the process that holds their call has to stop, twelve seconds at most; null says "
        "the `error_goodbye`.",
    )
    dispositions: tuple[Disposition, ...] = Field(
        default=(),
        max_length=50,
        description="Outcomes, of which the language model chooses one after a call whose end names none in the workflow.",
    )
    pre_call_fetch_limit_ms: int = Field(
        default=2000,
        ge=100,
        le=2000,
        description="How long the caller waits in silence for what the start fetches, from the moment the call is up; the call "
        "goes on without it then.",
    )
    max_concurrent_calls: int | None = Field(
        default=None,
        ge=1,
        le=1000,
        description="Calls of this agent at once; null leaves it to the organization.",
    )
    retention_days: int | None = Field(
        default=None, ge=1, le=3650, description="Days after its end that a run is deleted; null keeps it."
    )
    answered_by: Answerers = Field(
        default=Answerers(), description="What is done about whoever answers an outbound call."
    )
    voicemail: FormerVoicemail | None = Field(
        default=None,
        description="The former name of `answered_by.voicemail`, and still the same.",
        json_schema_extra={"deprecated": True},
    )
    record: StrictBool = True
    consent_line: Sentence = ""

    @model_validator(mode="after")
    def _languages_fit(self) -> "AgentSettings":
        """Check what Transcribe asks of language identification and vocabularies (its API reference, 2026)."""
        regions = [language.lower().partition("-")[0] for language in self.languages]
        if len(regions) == 1:
            raise ValueError("There is nothing to find out about one of `languages`: name two, or none.")
        if len(set(regions)) < len(regions):
            raise ValueError("Of each language, only one region can be among `languages`.")
        if self.preferred_language is not None and self.preferred_language not in self.languages:
            raise ValueError("The `preferred_language` must be one of `languages`.")
        if len(self.vocabularies) > max(1, len(self.languages)):
            raise ValueError("Name one of `vocabularies`, or with `languages` one for each at most.")
        return self

    @model_validator(mode="after")
    def _dispositions_differ(self) -> Self:
        if len({each.code for each in self.dispositions}) < len(self.dispositions):
            raise ValueError("Two of the `dispositions` have the same code.")
        return self

    @model_validator(mode="after")
    def _with_former_voicemail(self) -> Self:
        if self.voicemail is None:
            return self
        if "voicemail" in self.answered_by.model_fields_set:
            raise ValueError("`voicemail` is the former name of `answered_by.voicemail`: give that alone.")
        now = self.answered_by.model_copy(update={"voicemail": self.voicemail.renamed})
        # What was given stays as it was given, and is stored so; only what it means is set.
        self.__dict__["answered_by"] = now
        return self


class GivenSettings(AgentSettings):
    """Settings as somebody gives them: one that is not known is refused, since it would have no effect."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"voice": "en-us+f2", "endpointing_ms": 400, "retention_days": 90}]},
    )

    @property
    def document(self) -> JsonObject:
        """The settings that were given, as they are stored; defaults may change, so they are not."""
        given: JsonObject = self.model_dump(mode="json", exclude_unset=True)
        return given


SettingsT = TypeVar("SettingsT", bound=AgentSettings)


def parse_settings(document: JsonObject) -> AgentSettings:
    """Read a stored settings document; raise InvalidInputError that names every fault."""
    return read_settings(AgentSettings, document)


def read_settings(form: type[SettingsT], document: JsonObject, *within: str) -> SettingsT:
    """Read a settings document that stands `within` another; raise InvalidInputError that names every fault."""
    try:
        return form.model_validate(document)
    except ValidationError as error:
        problems = [FieldProblem(loc=(*within, *e["loc"]), msg=sentence(e)) for e in error.errors()]
        raise InvalidInputError("The agent's settings have faults.", problems=problems) from None
