"""Bytes as texts: UTF-8, or the Latin-1 of Windows, but not both in one file."""

from offhook.errors import InvalidInputError

UTF_8 = "utf-8"
# What programs that say Latin-1 write: the same but for 27 signs, such as the euro, that it has besides.
LATIN_1 = "cp1252"

_MIXED = (
    "This row is {here}, and rows before it are {before}: save the whole file as UTF-8. It was put together from files "
    "of several encodings."
)
_NAMES = {UTF_8: "UTF-8", LATIN_1: "Latin-1"}


class Decoder:
    """Decodes pieces of one file; the first that is not plain ASCII decides in which encoding all of it is."""

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = encoding

    def decode(self, text: bytes) -> str:
        """Return the text; raise InvalidInputError for what is none, or of another encoding than what came before."""
        if b"\0" in text:
            raise InvalidInputError("This row holds a NUL character, which no text may contain.")
        if text.isascii():
            return text.decode("ascii")
        decoded, encoding = _decoded(text)
        self.encoding = self.encoding or encoding
        if encoding != self.encoding:
            raise InvalidInputError(_MIXED.format(here=_NAMES[encoding], before=_NAMES[self.encoding]))
        return decoded


def _decoded(text: bytes) -> tuple[str, str]:
    try:
        return text.decode(UTF_8), UTF_8
    except UnicodeDecodeError:
        pass
    try:
        return text.decode(LATIN_1), LATIN_1
    except UnicodeDecodeError:
        raise InvalidInputError("This row is neither UTF-8 nor Latin-1: save the file as UTF-8.") from None
