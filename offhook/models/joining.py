"""Deltas joined before they cost: what follows goes by sentences, and each piece wakes the event loop."""

_ENDS = ".!?\u2026\u0964\u061f\u3002\uff01\uff1f\n"
_LONGEST_S = 0.25
_LONGEST_CHARACTERS = 160


class Joiner:
    """Gathers text until a sentence may have ended, or for a quarter of a second.

    The first piece passes at once, since it is a sign of life; so does the first after the end of a sentence, since only what
    follows shows that it was one.
    """

    def __init__(self) -> None:
        self._held = ""
        self._passes_next = True
        self._passed_s = 0.0

    def add(self, text: str, now_s: float) -> str:
        """Return the text that passes now, "" for none; `now_s` is of any clock that goes on."""
        self._held += text
        is_due = (
            (self._passes_next and text.strip())
            or any(mark in text for mark in _ENDS)
            or len(self._held) >= _LONGEST_CHARACTERS
            or now_s - self._passed_s >= _LONGEST_S
        )
        return self._pass(now_s) if is_due else ""

    def rest(self) -> str:
        """Return what was held back, now that nothing more comes."""
        return self._pass(self._passed_s)

    def _pass(self, now_s: float) -> str:
        passed, self._held, self._passed_s = self._held, "", now_s
        self._passes_next = passed.rstrip(" \"'\u201d\u2019\u00bb)]")[-1:] in tuple(_ENDS)
        return passed
