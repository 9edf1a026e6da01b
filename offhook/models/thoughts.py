"""What a model only thinks, taken out of what it says."""

import re

# Open models write so, and Amazon's Nova before it calls a tool.
_OPENING = re.compile(r"<(think|thinking|thought|reasoning)>")
_MAY_OPEN = re.compile(r"<[a-z]{0,9}\Z")


class Unthought:
    """Passes text on, in pieces of any length, without what stands between tags of thinking."""

    def __init__(self) -> None:
        self._held = ""
        self._closing = ""

    def add(self, text: str) -> str:
        """Return what can be said of all that has come and was not returned yet."""
        self._held += text
        said = ""
        while True:
            if self._closing:
                thought, found, rest = self._held.partition(self._closing)
                self._held = rest if found else thought[-len(self._closing) :]
                if not found:
                    return said
                self._closing = ""
            opening = _OPENING.search(self._held)
            if opening is None:
                break
            said += self._held[: opening.start()]
            self._held, self._closing = self._held[opening.end() :], f"</{opening[1]}>"
        may_open = _MAY_OPEN.search(self._held)
        place = len(self._held) if may_open is None else may_open.start()
        said, self._held = said + self._held[:place], self._held[place:]
        return said

    def rest(self) -> str:
        """Return what was held back, now that nothing more comes; a thought without an end stays one."""
        held, self._held = self._held, ""
        return "" if self._closing else held
