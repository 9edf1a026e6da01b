"""The engines that agents can be given, with the voices and languages that each has: the one list of them.

Validation goes by it, and the streamer makes an engine from the module of its name in `streamer.speech`. So a new
recogniser is a file there and an entry here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar


@dataclass(frozen=True, slots=True, kw_only=True)
class RecogniserOffer:
    """A recogniser; each of its languages stands for those of all regions too: `en` for en-US."""

    name: str
    languages: tuple[str, ...]

    def hears(self, language: str) -> bool:
        """Say whether it understands this language."""
        wanted = language.lower()
        return any(
            wanted == known.lower() or wanted.startswith(f"{known.lower()}-") for known in self.languages
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesiserOffer:
    """A synthesiser; each of its voices may be varied: `en-us+f2`."""

    name: str
    voices: tuple[str, ...]
    variants: tuple[str, ...] = ()

    def has(self, voice: str) -> bool:
        """Say whether it has this voice."""
        name, plus, variant = voice.partition("+")
        return name in self.voices and (variant in self.variants if plus else True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOffer:
    """A language model."""

    name: str


class _Offer(Protocol):
    @property
    def name(self) -> str: ...


OfferT = TypeVar("OfferT", bound=_Offer)


def _by_name(*offers: OfferT) -> Mapping[str, OfferT]:
    return {offer.name: offer for offer in offers}


EMBEDDED = "embedded"
"""What every install has: offline speech, and a model that goes by words."""

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

RECOGNISERS = _by_name(RecogniserOffer(name=EMBEDDED, languages=("en",)))
SYNTHESISERS = _by_name(
    SynthesiserOffer(
        name=EMBEDDED,
        voices=tuple(_ESPEAK_VOICES.split()),
        variants=tuple(_ESPEAK_VARIANTS.split()),
    )
)
MODELS = _by_name(ModelOffer(name=EMBEDDED))
