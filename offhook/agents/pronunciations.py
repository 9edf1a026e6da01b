"""How an agent says words that a voice would get wrong."""

import re

from pydantic import ConfigDict, Field, field_validator, model_validator

from offhook.documents import GivenDocument

# Letters of any script with their accents, and what IPA has beside them: stress, length, tone, ties and breaks.
_NOT_IPA = re.compile(
    r"[^\w\u0250-\u036f\u1d00-\u1dff\u2e3a\ua700-\ua71f.|\u2016\u203f\u2191\u2193\u2197\u2198 ]|[\d_]"
)


class Pronunciation(GivenDocument):
    """A word or a few, which are said like an `alias`, or as `ipa` writes it; as a word of its own, in any case."""

    model_config = ConfigDict(frozen=True)

    word: str = Field(min_length=1, max_length=100, description="As texts write it: `Nguyen`, `SQL`.")
    alias: str | None = Field(
        default=None, min_length=1, max_length=200, description="What is said in its place: `sequel`."
    )
    ipa: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Its sounds in the International Phonetic Alphabet; a synthesiser that takes none says the word as it can.",
    )

    @field_validator("ipa")
    @classmethod
    def _is_ipa(cls, ipa: str | None) -> str | None:
        if ipa is not None and _NOT_IPA.search(ipa):
            raise ValueError(
                "Write sounds in the International Phonetic Alphabet, without slashes or brackets."
            )
        return ipa

    @model_validator(mode="after")
    def _says_how(self) -> "Pronunciation":
        if (self.alias is None) == (self.ipa is None):
            raise ValueError("A pronunciation has either an `alias` or `ipa`.")
        return self
