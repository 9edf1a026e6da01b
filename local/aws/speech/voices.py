"""Voices that Polly has, with the engines that each one speaks with; and espeak's stand-ins."""

from dataclasses import dataclass

from offhook.agents.engines import EMBEDDED, SYNTHESISERS
from offhook.agents.polly_voices import POLLY_VOICES
from offhook.json_types import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One voice; `espeak` speaks for it here."""

    id: str
    languages: tuple[str, ...]
    engines: tuple[str, ...]
    espeak: str

    def to_json(self) -> JsonObject:
        return {
            "Id": self.id,
            "LanguageCode": self.languages[0] if self.languages else "",
            "AdditionalLanguageCodes": list(self.languages[1:]),
            "Name": self.id,
            "SupportedEngines": list(self.engines),
        }


VOICES = {
    name: Voice(
        id=name,
        languages=languages,
        engines=engines,
        espeak=SYNTHESISERS[EMBEDDED].voice_for(languages[0] if languages else "en-US"),
    )
    for name, (languages, engines) in POLLY_VOICES.items()
}
"""The voices by their id."""
