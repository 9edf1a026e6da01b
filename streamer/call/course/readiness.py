"""What words alone tell of a turn: whether more is to come, and whether they want the floor at all.

Word lists by language; a language without any is judged by silence alone. They are words on which people pause within a
sentence, and words that they say while they listen.
"""

from offhook.workflows.phrases import line_of
from streamer.call.spoken.words import listed

_MORE = {
    "en": listed(
        "um uh er erm hmm and but or because if when to of for from in on at by with about my your his our their the a an "
        "i'm it's i we they until between than as let let's he she i've we've you've they've i'd we'd you'd they'd i'll we'll "
        "you'll they'll you're we're they're that's there's what's whether although which whose every into through during "
        "without since cannot press enter try get make take give put send bring keep let tell followed"
    ),
    "de": listed(
        "äh ähm hm und aber oder weil wenn dass der die das den dem des ein eine einen einem einer mein meine dein deine zu von "
        "für aus in im am um auf bei mit nach bis zwischen als"
    ),
    "es": listed(
        "eh em y e o u pero porque si cuando que de del a al en con por para sin sobre el la los las un una mi tu su "
        "nuestro entre hasta"
    ),
    "fr": listed(
        "euh hum et ou parce si quand que qui de du des à au aux en dans sur avec pour par sans le la les un une mon ma "
        "mes ton ta son sa notre votre entre jusqu'à"
    ),
}
_BACKCHANNELS = {
    "en": listed(
        "mhm mm mmhm hm hmm uh huh uhuh aha ah oh ok okay yeah yes yep right sure alright i see good"
    ),
    "de": listed("mhm hm aha ah oh ach ok okay ja genau gut klar so stimmt"),
    "es": listed("mhm ajá aha ah oh ok okay sí si ya bien claro vale bueno"),
    "fr": listed("mhm hm hum ah oh ok okay oui ouais d'accord bien bon voilà"),
}
_DIGITS = {
    "en": listed("zero oh one two three four five six seven eight nine double triple"),
    "de": listed("null eins zwei zwo drei vier fünf sechs sieben acht neun"),
    "es": listed("cero uno dos tres cuatro cinco seis siete ocho nueve"),
    "fr": listed("zéro un deux trois quatre cinq six sept huit neuf"),
}
# Telephone numbers have so many digits; in the middle of one, people pause between groups. Four and six are as often the
# first groups of a card's or a telephone number as a code: nearly all pauses in numbers that were cut off were there.
_WHOLE_NUMBERS = frozenset((1, 7, 10, 11))
# After these, too, unless they answer: "yes I would", "it is".
_AUXILIARIES = {
    "en": listed(
        "is are was were be been has have had do does did can could will would should may might must can't don't didn't won't"
    ),
}
_SUBJECTS = {"en": listed("i you he she it we they that there this")}


def asks_for_more(text: str, language: str) -> bool:
    """Say whether nobody would stop after these words: a filler, a function word, or part of a number."""
    words, spoken = line_of(text).split(), _language(language)
    if not words:
        return False
    return (
        words[-1] in _MORE.get(spoken, ())
        or _ends_before_verb(words, spoken)
        or _ends_within_number(words, _DIGITS.get(spoken, frozenset()))
    )


def is_backchannel(text: str, language: str) -> bool:
    """Say whether these are words of somebody who listens, and does not want to speak."""
    known = _BACKCHANNELS.get(_language(language), frozenset())
    words = line_of(text).split()
    return 0 < len(words) <= 3 and known.issuperset(words)


def _ends_before_verb(words: list[str], spoken: str) -> bool:
    is_answer = len(words) == 1 or words[-2] in _SUBJECTS.get(spoken, ())
    return words[-1] in _AUXILIARIES.get(spoken, ()) and not is_answer


def _ends_within_number(words: list[str], digits: frozenset[str]) -> bool:
    count = 0
    for word in reversed(words):
        if word not in digits and not (word.isdigit() and len(word) == 1):
            break
        count += 1
    return count > 1 and count not in _WHOLE_NUMBERS


def _language(tag: str) -> str:
    return tag.partition("-")[0].lower()
