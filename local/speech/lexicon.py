"""How English words are pronounced: the recogniser's own dictionary, and what a telephone makes of its sounds."""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from string import ascii_lowercase

import pocketsphinx

MODEL_PATH = Path(pocketsphinx.get_model_path()) / "en-us"

_NOT_SPOKEN = re.compile(r"[^a-z' ]+")


def words_of(phrase: str) -> tuple[str, ...]:
    """Split a phrase into the dictionary's kind of words; digits are kept as they are, and so unknown to it."""
    text = phrase.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace("-", " ")
    return tuple(word.strip("'") for word in re.sub(r"[^\w' ]+", " ", text).split() if word.strip("'"))


@lru_cache(maxsize=4096)
def pronunciations(word: str) -> tuple[str, ...]:
    """Return the ways to say a word, as ARPAbet phones; none when the dictionary does not have it."""
    if not word or _NOT_SPOKEN.search(word):
        return ()
    dictionary, found = _dictionary(), []
    name = f"\n{word} ".encode()
    start = dictionary.find(name, *_section(word[0]))
    # Other ways to say the word come next, as `word(2)`.
    while start >= 0 and dictionary.startswith(name, start):
        end = dictionary.find(b"\n", start + 1)
        found.append(dictionary[start + len(name) : end].decode().strip())
        start, name = end, f"\n{word}({len(found) + 1}) ".encode()
    return tuple(dict.fromkeys(found + [_over_the_telephone(phones) for phones in found]))


def _over_the_telephone(phones: str) -> str:
    # Nearly all of Z's hiss lies above 4 kHz; before D what is left passes for DH. Without this "Thursday" was taken for
    # another phrase in 25 of 30 tries (15 espeak voices), with it in 6.
    return re.sub(r"\bZ D\b", "DH D", phones)


def _section(letter: str) -> tuple[int, int]:
    starts = _sections()
    following = chr(ord(letter) + 1) if letter.isalpha() else "a"
    return starts[letter], starts.get(following, len(_dictionary()))


@lru_cache(maxsize=1)
def _sections() -> Mapping[str, int]:
    """Return where the words of each first letter begin in the dictionary: to search all of it takes 4 ms."""
    starts, start = {}, 0
    for letter in f"'{ascii_lowercase}":
        starts[letter] = start = max(start, _dictionary().find(f"\n{letter}".encode(), start))
    return starts


@lru_cache(maxsize=1)
def _dictionary() -> bytes:
    return b"\n" + (MODEL_PATH / "cmudict-en-us.dict").read_bytes()
