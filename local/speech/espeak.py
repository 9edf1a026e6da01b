"""The espeak-ng synthesiser, loaded from the `espeakng_loader` wheel through ctypes.

espeak-ng is under the GPL: nothing outside of `local.speech` may import this module, which lives in a process of its own.
"""

import ctypes
from collections.abc import Callable
from pathlib import Path

import espeakng_loader

from offhook.errors import EngineError, InvalidInputError

_SYNCHRONOUS = 2
_CHARACTER_POSITION = 1
_UTF8 = 1
_RATE = 1
_DO_NOT_EXIT = 0x8000
_BUFFER_MS = 60
_LONGEST_DATA_PATH = 159  # espeak-ng copies the path into 160 bytes

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)

DEFAULT_RATE_WPM = 160
"""Words per minute; espeak's own 175 is hurried for a telephone."""


class Espeak:
    """The library, which has one state for the whole process: one thread at a time may use the one instance."""

    def __init__(self) -> None:
        data = Path(espeakng_loader.get_data_path())
        self._languages = _languages(data)
        self._variants = frozenset(file.name for file in (data / "voices" / "!v").iterdir())
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self.sample_rate_hz = self._initialise(str(data))
        self._on_samples: Callable[[bytes], bool] = lambda _: True
        self._callback = _Callback(self._take)  # kept: the library holds only its address
        self._library.espeak_SetSynthCallback(self._callback)
        self._voice = ""

    def speak(self, text: str, *, voice: str, rate_wpm: int, on_samples: Callable[[bytes], bool]) -> None:
        """Synthesise the whole text, handing over 16-bit PCM as it is made; `on_samples` says whether to go on.

        Raises InvalidInputError for a voice that espeak-ng does not have.
        """
        self._set_voice(voice)
        self._library.espeak_SetParameter(_RATE, rate_wpm, 0)
        self._on_samples = on_samples
        raw = text.encode()
        if self._library.espeak_Synth(raw, len(raw) + 1, 0, _CHARACTER_POSITION, 0, _UTF8, None, None):
            raise EngineError("espeak-ng refused the text; try a shorter one.", engine="espeak-ng")

    def _initialise(self, path: str) -> int:
        if len(path) > _LONGEST_DATA_PATH:
            raise EngineError(
                "The path of espeak-ng's data is too long for it; install Offhook in a folder nearer to the root.",
                engine="espeak-ng",
                retryable=False,
            )
        rate_hz: int = self._library.espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, path.encode(), _DO_NOT_EXIT)
        if rate_hz <= 0:
            raise EngineError("espeak-ng did not start.", engine="espeak-ng", retryable=False)
        return rate_hz

    def _set_voice(self, voice: str) -> None:
        if voice == self._voice:
            return
        language, _, variant = voice.partition("+")
        if language not in self._languages or (variant and variant not in self._variants):
            raise InvalidInputError(
                "espeak-ng has no such voice; `en-us` and `en-us+f3` are two that it has."
            )
        name = self._languages[language] + (f"+{variant}" if variant else "")
        if self._library.espeak_SetVoiceByName(name.encode()):
            raise EngineError("espeak-ng could not load the voice.", engine="espeak-ng", retryable=False)
        self._voice = voice

    def _take(self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: object) -> int:
        if not samples or count <= 0:
            return 0
        return 0 if self._on_samples(ctypes.string_at(samples, 2 * count)) else 1


def _languages(data: Path) -> dict[str, str]:
    """Map each language tag, such as `en-gb`, to the name of the file that describes how to speak it."""
    found: dict[str, str] = {}
    for file in sorted((data / "lang").rglob("*")):
        if file.is_file():
            tags = (line.split() for line in file.read_text(encoding="utf-8", errors="replace").splitlines())
            first = next((words[1] for words in tags if len(words) > 1 and words[0] == "language"), None)
            if first is not None:
                found.setdefault(first, file.name)
    return found
