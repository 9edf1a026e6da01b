"""Voices that Polly has, for a few languages, with the engines that each one speaks with; and espeak's stand-ins."""

from dataclasses import dataclass

from offhook.json_types import JsonObject

_STANDARD, _NEURAL, _LONG_FORM, _GENERATIVE = "standard", "neural", "long-form", "generative"
_ALL_BUT_LONG = (_STANDARD, _NEURAL, _GENERATIVE)
_BOTH = (_STANDARD, _NEURAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One voice; `espeak` speaks for it here."""

    id: str
    gender: str
    language: str
    language_name: str
    engines: tuple[str, ...]
    espeak: str

    def to_json(self) -> JsonObject:
        return {
            "Gender": self.gender,
            "Id": self.id,
            "LanguageCode": self.language,
            "LanguageName": self.language_name,
            "Name": self.id,
            "SupportedEngines": list(self.engines),
        }


def _voices(
    language: str, name: str, espeak: str, women: dict[str, tuple[str, ...]], men: dict[str, tuple[str, ...]]
) -> tuple[Voice, ...]:
    return tuple(
        Voice(
            id=id_,
            gender=gender,
            language=language,
            language_name=name,
            engines=engines,
            espeak=espeak + variant,
        )
        for gender, variant, them in (("Female", "+f2", women), ("Male", "", men))
        for id_, engines in them.items()
    )


VOICES = {
    voice.id: voice
    for voice in (
        *_voices(
            "en-US",
            "US English",
            "en-us",
            {
                "Danielle": (_NEURAL, _LONG_FORM, _GENERATIVE),
                "Ivy": _BOTH,
                "Joanna": _ALL_BUT_LONG,
                "Kendra": _BOTH,
                "Kimberly": _BOTH,
                "Ruth": (_NEURAL, _LONG_FORM, _GENERATIVE),
                "Salli": _ALL_BUT_LONG,
            },
            {
                "Gregory": (_NEURAL, _LONG_FORM),
                "Joey": _BOTH,
                "Justin": _BOTH,
                "Kevin": (_NEURAL,),
                "Matthew": _ALL_BUT_LONG,
                "Stephen": (_NEURAL, _GENERATIVE),
            },
        ),
        *_voices(
            "en-GB",
            "British English",
            "en-gb",
            {"Amy": _ALL_BUT_LONG, "Emma": _BOTH},
            {"Arthur": (_NEURAL,), "Brian": _BOTH},
        ),
        *_voices(
            "es-US",
            "US Spanish",
            "es-419",
            {"Lupe": _ALL_BUT_LONG, "Penelope": (_STANDARD,)},
            {"Miguel": (_STANDARD,), "Pedro": (_NEURAL, _GENERATIVE)},
        ),
        *_voices(
            "de-DE",
            "German",
            "de",
            {"Marlene": (_STANDARD,), "Vicki": _ALL_BUT_LONG},
            {"Daniel": (_NEURAL, _GENERATIVE), "Hans": (_STANDARD,)},
        ),
        *_voices(
            "fr-FR",
            "French",
            "fr-fr",
            {"Celine": (_STANDARD,), "Lea": _ALL_BUT_LONG},
            {"Mathieu": (_STANDARD,), "Remi": (_NEURAL, _GENERATIVE)},
        ),
    )
}
"""The voices by their id."""
