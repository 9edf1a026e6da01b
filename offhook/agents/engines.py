"""The engines that agents can be given, with the voices and languages that each has: the one list of them.

Validation goes by it, and the streamer makes an engine from the module of its name in `streamer.speech`. So a new
recogniser is a package there and an entry here. Which of them an install has is `offhook.agents.offered`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from offhook.agents.polly_voices import POLLY_VOICES


@dataclass(frozen=True, slots=True, kw_only=True)
class RecogniserOffer:
    """A recogniser; a language without a region (`en`) stands for those of all regions (`en-US`)."""

    name: str
    languages: tuple[str, ...]
    identifies_languages: bool = False
    has_vocabularies: bool = False

    def spelling(self, language: str) -> str | None:
        """Return its own name of a language, however that is spelled; None when it does not know it."""
        wanted = language.lower()
        return next(
            (
                known
                for known in self.languages
                if wanted == known.lower() or wanted.startswith(f"{known.lower()}-")
            ),
            None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A voice: the languages that it speaks, its own first, and what may be said of it after a plus.

    The first of the variants is the usual one, where a voice without a plus is not another one of its own.
    """

    languages: tuple[str, ...]
    variants: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesiserOffer:
    """A synthesiser; its voices may be varied: `en-us+f2`, `Joanna+generative`."""

    name: str
    voices: Mapping[str, Voice]
    default: str
    """The voice of an agent that names none, in the language of this one."""

    def has(self, voice: str) -> bool:
        """Say whether it has this voice."""
        name, plus, variant = voice.partition("+")
        return name in self.voices and (variant in self.voices[name].variants if plus else True)

    def told_apart(self, voice: str) -> tuple[str, str]:
        """Return the name and the variant of a voice that it has; the usual variant where it names none."""
        name, _, variant = voice.partition("+")
        return name, variant or self.voices[name].variants[0]

    def voice_for(self, language: str) -> str:
        """Return the voice of an agent that names none: one of its language and region, else of its language."""
        wanted = language.lower()
        return (
            self._first(lambda known: known == wanted)
            or self._first(lambda known: _without_region(known) == _without_region(wanted))
            or self.default
        )

    def _first(self, fits: Callable[[str], bool]) -> str | None:
        names = (self.default, *self.voices)
        return next(
            (
                name
                for name in names
                if any(fits(known.lower()) for known in self.voices[name.partition("+")[0]].languages)
            ),
            None,
        )


def _without_region(language: str) -> str:
    return language.partition("-")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOffer:
    """Whose language models they are; one that `has_ids` has many, of which the id names one."""

    name: str
    has_ids: bool = False
    has_guardrails: bool = False


OfferT = TypeVar("OfferT", RecogniserOffer, SynthesiserOffer, ModelOffer)


def _by_name(*offers: OfferT) -> Mapping[str, OfferT]:
    return {offer.name: offer for offer in offers}


EMBEDDED = "embedded"
"""Offline speech, and a model that goes by words: what a machine has without any service."""

TRANSCRIBE, POLLY, BEDROCK = "transcribe", "polly", "bedrock"
"""Amazon's services."""

OPENAI = "openai"
"""Whatever speaks OpenAI's chat completions: Ollama, vLLM, OpenAI itself, and others."""

# What espeak-ng 1.52 has.
_ESPEAK_VOICES = (
    "af am an ar as az ba be bg bn bpy bs ca ca-ba ca-nw ca-va chr-US-Qaaa-x-west cmn cmn-latn-pinyin cs "
    "cv cy da de el en-029 en-gb en-gb-scotland en-gb-x-gbclan en-gb-x-gbcwmd en-gb-x-rp en-shaw en-us "
    "en-us-nyc eo es es-419 et eu fa fa-latn fi fo fr-be fr-ch fr-fr ga gd gn grc gu hak haw he hi hr ht "
    "hu hy hyw ia id io is it ja jbo ka kaa kk kl kn ko kok ku ky la lb lfn lt ltg lv mi mk ml mr ms mt "
    "mto my nb nci ne nl nog om or pa pap piqd pl pt pt-br py qdb qu quc qya ro ru ru-cl ru-lv sd shn si "
    "sjn sk sl smj sq sr sv sw ta te th ti tk tn tr tt ug uk ur uz vi vi-vn-x-central vi-vn-x-south xex "
    "yue "
)
_ESPEAK_VARIANTS = (
    "Alex Alicia Andrea Andy Annie AnxiousAndy Demonic Denis Diogo Gene Gene2 Henrique Hugo Jacky Lee "
    "Marco Mario Michael Mike Nguyen Reed RicishayMax RicishayMax2 RicishayMax3 Storm Tweaky UniRobot "
    "adam anika anikaRobot announcer antonio aunty belinda benjamin boris caleb croak david ed edward "
    "edward2 f1 f2 f3 f4 f5 fast grandma grandpa gustave ian iven iven2 iven3 iven4 john kaukovalta klatt "
    "klatt2 klatt3 klatt4 klatt5 klatt6 linda m1 m2 m3 m4 m5 m6 m7 m8 marcelo max michel miguel mike2 "
    "norbert pablo paul pedro quincy rob robert robosoft robosoft2 robosoft3 robosoft4 robosoft5 "
    "robosoft6 robosoft7 robosoft8 sandro shelby steph steph2 steph3 travis victor whisper whisperf zac "
)

# The streaming API's LanguageCode in AWS's service model, as in aws-sdk-go-v2 `service/transcribestreaming` in 2026.
_TRANSCRIBE_LANGUAGES = (
    "en-US en-GB en-AU en-AB en-IE en-IN en-NZ en-WL en-ZA af-ZA am-ET ar-AE ar-SA be-BY bg-BG bn-IN bs-BA ca-ES "
    "ckb-IQ ckb-IR cs-CZ cy-WL da-DK de-CH de-DE el-GR es-ES es-MX es-US et-ET eu-ES fa-AF fa-IR fi-FI fr-CA fr-FR "
    "gl-ES gu-IN he-IL hi-IN hr-HR ht-HT hu-HU hy-AM id-ID is-IS it-IT ja-JP jv-ID ka-GE kab-DZ kk-KZ km-KH kn-IN "
    "ko-KR lg-IN lt-LT lv-LV mk-MK ml-IN mr-IN ms-MY my-MM ne-NP nl-NL no-NO or-IN pa-IN pl-PL ps-AF pt-BR pt-PT "
    "ro-RO ru-RU si-LK sk-SK sl-SI so-SO sq-AL sr-RS su-ID sv-SE sw-BI sw-KE sw-RW sw-TZ sw-UG ta-IN te-IN th-TH "
    "tl-PH tr-TR uk-UA uz-UZ vi-VN zh-CN zh-HK zh-TW zu-ZA "
)

RECOGNISERS = _by_name(
    RecogniserOffer(name=EMBEDDED, languages=("en",)),
    RecogniserOffer(
        name=TRANSCRIBE,
        languages=tuple(_TRANSCRIBE_LANGUAGES.split()),
        identifies_languages=True,
        has_vocabularies=True,
    ),
)
SYNTHESISERS = _by_name(
    SynthesiserOffer(
        name=EMBEDDED,
        voices={
            name: Voice(languages=(name,), variants=tuple(_ESPEAK_VARIANTS.split()))
            for name in _ESPEAK_VOICES.split()
        },
        default="en-us+f2",
    ),
    SynthesiserOffer(
        name=POLLY,
        voices={
            name: Voice(languages=languages, variants=engines)
            for name, (languages, engines) in POLLY_VOICES.items()
        },
        default="Joanna",
    ),
)
MODELS = _by_name(
    ModelOffer(name=EMBEDDED),
    ModelOffer(name=BEDROCK, has_ids=True, has_guardrails=True),
    ModelOffer(name=OPENAI, has_ids=True),
)
