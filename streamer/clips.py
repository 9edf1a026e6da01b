"""Fixed texts as audio that was synthesised and encoded once, for all calls of this process."""

from collections import OrderedDict

from streamer.playout import EncodedClip

_MOST_CLIPS = 512


class Clips:
    """Keeps the clips used last, by voice and text; a few hundred sentences are some twenty megabytes."""

    def __init__(self) -> None:
        self._clips: OrderedDict[tuple[str, str], EncodedClip] = OrderedDict()

    def get(self, voice: str, text: str) -> EncodedClip | None:
        """Return the clip, if this process has made it."""
        clip = self._clips.get((voice, text))
        if clip is not None:
            self._clips.move_to_end((voice, text))
        return clip

    def keep(self, voice: str, text: str, audio: bytes) -> None:
        """Keep a text's audio (mu-law) for the calls to come."""
        self._clips[voice, text] = EncodedClip(audio)
        if len(self._clips) > _MOST_CLIPS:
            self._clips.popitem(last=False)
