"""What the agent says while it captures a value, in each language, unless the node says otherwise; and how marks are said."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from streamer.call.spoken.words import wordings

VALUE = "{value}"
"""Stands for the value as it is said back."""


class Prompt(StrEnum):
    """What is said at one moment of a capture; the node's `sentences` have the same names."""

    READ_BACK = "read_back"
    GO_ON = "go_on"
    SO_FAR = "so_far"
    AGAIN = "again"
    UNCLEAR = "unclear"
    UNFIT = "unfit"
    YES_OR_NO = "yes_or_no"
    WAIT = "wait"


@dataclass(frozen=True, kw_only=True)
class Prompts:
    """A language's sentences, and its words for marks, months and weekdays."""

    sentences: Mapping[Prompt, str]
    marks: Mapping[str, str]
    months: tuple[str, ...]
    weekdays: tuple[str, ...]

    def spelled(self, text: str) -> str:
        """Write a text so that a voice spells it: a pause after every third letter or digit, and around marks."""
        spoken: list[str] = []
        run = 0
        for char in text:
            is_mark = char in self.marks
            turns = bool(spoken) and spoken[-1].isdecimal() != char.isdecimal()
            if spoken and (is_mark or turns or run % 3 == 0):
                spoken[-1] += ","
            run = 0 if is_mark else 1 if turns else run + 1
            spoken.append(self.marks.get(char, char))
        return " ".join(spoken)


_ENGLISH = Prompts(
    sentences={
        Prompt.READ_BACK: "I have {value}. Is that right?",
        Prompt.GO_ON: "Go on, please.",
        Prompt.SO_FAR: "So far I have {value}. Please go on.",
        Prompt.AGAIN: "Sorry about that. Please say it once more.",
        Prompt.UNCLEAR: "Sorry, I did not get that.",
        Prompt.UNFIT: "I am afraid that can't be right.",
        Prompt.YES_OR_NO: "Please say yes or no, or what to change.",
        Prompt.WAIT: "Take your time.",
    },
    marks={"@": "at", ".": "dot", "-": "dash", "_": "underscore", "+": "plus", "'": "apostrophe"},
    months=wordings(
        "January, February, March, April, May, June, July, August, September, October, November, December"
    ),
    weekdays=wordings("Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday"),
)
_GERMAN = Prompts(
    sentences={
        Prompt.READ_BACK: "Ich habe {value} verstanden. Stimmt das?",
        Prompt.GO_ON: "Bitte weiter.",
        Prompt.SO_FAR: "Bis jetzt habe ich {value} verstanden. Bitte weiter.",
        Prompt.AGAIN: "Entschuldigung. Bitte sagen Sie es noch einmal.",
        Prompt.UNCLEAR: "Das habe ich leider nicht verstanden.",
        Prompt.UNFIT: "Das kann leider nicht stimmen.",
        Prompt.YES_OR_NO: "Bitte sagen Sie ja oder nein, oder was anders ist.",
        Prompt.WAIT: "Lassen Sie sich Zeit.",
    },
    marks={"@": "ät", ".": "Punkt", "-": "Bindestrich", "_": "Unterstrich", "+": "plus", "'": "Apostroph"},
    months=wordings(
        "Januar, Februar, März, April, Mai, Juni, Juli, August, September, Oktober, November, Dezember"
    ),
    weekdays=wordings("Montag, Dienstag, Mittwoch, Donnerstag, Freitag, Samstag, Sonntag"),
)
_SPANISH = Prompts(
    sentences={
        Prompt.READ_BACK: "Tengo {value}. ¿Es correcto?",
        Prompt.GO_ON: "Siga, por favor.",
        Prompt.SO_FAR: "Hasta ahora tengo {value}. Siga, por favor.",
        Prompt.AGAIN: "Disculpe. Dígalo otra vez, por favor.",
        Prompt.UNCLEAR: "Disculpe, no lo he entendido.",
        Prompt.UNFIT: "Me temo que eso no puede ser.",
        Prompt.YES_OR_NO: "Por favor, diga sí o no, o qué hay que cambiar.",
        Prompt.WAIT: "Tómese su tiempo.",
    },
    marks={"@": "arroba", ".": "punto", "-": "guion", "_": "guion bajo", "+": "más", "'": "apóstrofo"},
    months=wordings(
        "enero, febrero, marzo, abril, mayo, junio, julio, agosto, septiembre, octubre, noviembre, diciembre"
    ),
    weekdays=wordings("lunes, martes, miércoles, jueves, viernes, sábado, domingo"),
)
_FRENCH = Prompts(
    sentences={
        Prompt.READ_BACK: "J'ai {value}. Est-ce exact ?",
        Prompt.GO_ON: "Continuez, s'il vous plaît.",
        Prompt.SO_FAR: "Jusqu'ici j'ai {value}. Continuez, s'il vous plaît.",
        Prompt.AGAIN: "Excusez-moi. Répétez, s'il vous plaît.",
        Prompt.UNCLEAR: "Excusez-moi, je n'ai pas compris.",
        Prompt.UNFIT: "Je crains que ce ne soit pas possible.",
        Prompt.YES_OR_NO: "Dites oui ou non, s'il vous plaît, ou ce qu'il faut changer.",
        Prompt.WAIT: "Prenez votre temps.",
    },
    marks={"@": "arobase", ".": "point", "-": "tiret", "_": "tiret bas", "+": "plus", "'": "apostrophe"},
    months=wordings(
        "janvier, février, mars, avril, mai, juin, juillet, août, septembre, octobre, novembre, décembre"
    ),
    weekdays=wordings("lundi, mardi, mercredi, jeudi, vendredi, samedi, dimanche"),
)
_BY_LANGUAGE = {"en": _ENGLISH, "de": _GERMAN, "es": _SPANISH, "fr": _FRENCH}


def prompts_in(language: str) -> Prompts:
    """Return a language's prompts; those in English where it has none."""
    return _BY_LANGUAGE.get(language, _ENGLISH)
