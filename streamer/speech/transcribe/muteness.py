"""Whether a service that hears a voice still tells anything: one may fall silent without an error. Sans-IO."""

# A voice has words within a second, and the service tells them a second later on its slowest days.
_MUTE_MS = 2000
# What a new stream hears at once was said before: if the one before was mute, a sound without words was the reason.
_NEW_MS = 500
# Less voice than this may hold no words: a cough, a laugh.
_LEAST_VOICE_MS = 1000
# So many utterances in a row of which nothing at all is told are no coughs.
_MOST_UNHEARD = 2


class Muteness:
    """Follows one stream, on the clock on the wall: `due_ms` is when it is mute unless something is told."""

    def __init__(self, now_ms: int) -> None:
        self._opened_ms = now_ms
        self._voice_ms: int | None = None
        self._told_ms = 0
        self._has_told = False
        self._unheard = 0

    @property
    def due_ms(self) -> int | None:
        """When the stream counts as mute; None while nobody speaks."""
        return None if self._voice_ms is None else max(self._voice_ms, self._told_ms) + _MUTE_MS

    @property
    def is_mute(self) -> bool:
        """Say whether nothing was told of the last utterances, one of which is about to be answered so."""
        return not self._has_told and self._unheard + 1 >= _MOST_UNHEARD

    def voice_begins(self, now_ms: int) -> None:
        """Expect words from now on."""
        if now_ms >= self._opened_ms + _NEW_MS:
            self._voice_ms = now_ms

    def voice_ends(self, without_words_ms: int) -> None:
        """Expect none any more, unless there was so much voice at the end that must have had some."""
        if without_words_ms < _LEAST_VOICE_MS:
            self._voice_ms = None

    def told(self, now_ms: int) -> None:
        """Take note that there is something."""
        self._told_ms = now_ms
        self._has_told = True
        self._unheard = 0

    def answered(self) -> None:
        """Take note that an utterance has its final."""
        self._voice_ms = None
        self._unheard = 0 if self._has_told else self._unheard + 1
        self._has_told = False
