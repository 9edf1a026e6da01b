"""An agent's settings: how it speaks, listens, waits and ends."""

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from offhook.errors import FieldProblem, InvalidInputError
from offhook.json_types import JsonObject


class AgentSettings(BaseModel):
    """The settings document of a version. Durations in milliseconds or seconds as their names say."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    voice: str = "en-us+f2"
    language: str = "en-US"
    endpointing_ms: int = Field(
        default=500, ge=100, le=5000, description="Silence after which the caller's turn has ended."
    )
    barge_in: bool = True
    barge_in_ms: int = Field(
        default=120, ge=60, le=2000, description="Caller speech during playback that takes the floor."
    )
    idle_timeout_ms: int = Field(default=10_000, ge=1000, le=60_000)
    idle_prompts: tuple[str, ...] = ("Are you still there?",)
    idle_goodbye: str = "I can't hear you, so I will hang up now. Goodbye."
    misunderstood: tuple[str, ...] = ("Sorry, I did not catch that.", "I am afraid I still did not get that.")
    misunderstood_goodbye: str = "I am sorry, I can't understand you. Please call us back. Goodbye."
    repeat_phrases: tuple[str, ...] = ("can you repeat that", "please repeat", "sorry what did you say")
    max_call_duration_seconds: int = Field(default=300, ge=10, le=3600)
    max_duration_goodbye: str = "Our time is up, so I have to end the call here. Goodbye."
    error_goodbye: str = "I am sorry, something went wrong on our side. Please try again later. Goodbye."
    record: bool = True
    consent_line: str = ""


def parse_settings(document: JsonObject) -> AgentSettings:
    """Read a settings document; raise InvalidInputError that names every fault."""
    try:
        return AgentSettings.model_validate(document)
    except ValidationError as error:
        problems = [FieldProblem(loc=e["loc"], msg=e["msg"]) for e in error.errors()]
        raise InvalidInputError("The agent's settings have faults.", problems=problems) from None
