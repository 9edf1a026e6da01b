"""One caller being listened to: finds where utterances begin, and has each one decoded while it comes in."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from local.speech.decoder import Heard, PhraseDecoder, is_known
from streamer.media import mulaw
from streamer.media.mulaw import CHUNK_BYTES
from streamer.speech.resample import Samples, Upsampler

_LINEAR = np.array(mulaw.LINEAR, np.float32)
_LONGEST_PHRASE = 200  # characters: some 15 s, longer than anybody says in one go
_PIECE_BYTES = 800  # 100 ms: each is decoded in about 3 ms, so that other callers never wait long
_LEAD_PIECES = 4
_FLOOR_PIECES = 20
_LONGEST_PIECES = 300
_QUIETEST_SPEECH = 60.0  # mean of the magnitude, about -51 dBFS
_ABOVE_FLOOR = 2.5
_NOISE_FLOOR = 104.0  # -50 dBFS: in digital silence the features of the model are meaningless
_MOST_FREE_DECODERS = 6

_WINDOW_SAMPLES = 400  # 50 ms hold at least four periods of a voice
_PITCH_LAGS = slice(20, 115)  # 70 to 400 Hz
_PERIODIC = 0.45  # of the autocorrelation at no lag; a voice reaches 0.6, noise of any colour 0.3
_FEWEST_VOICED_WINDOWS = 2


def _noise() -> Samples:
    return (np.random.default_rng(8000).normal(0, _NOISE_FLOOR, 32_000)).astype(np.float32)


class DecoderPool:
    """Decoders that serve one utterance each and are then free for the next one, of whatever caller."""

    def __init__(self) -> None:
        self._free: list[PhraseDecoder] = [PhraseDecoder()]

    def take(self) -> PhraseDecoder:
        """Return a free decoder, or a new one (17 ms) when all are in use."""
        return self._free.pop() if self._free else PhraseDecoder()

    def give_back(self, decoder: PhraseDecoder) -> None:
        """Take back a decoder whose utterance is finished."""
        if len(self._free) < _MOST_FREE_DECODERS:
            self._free.append(decoder)


class Listener:
    """Listens to one caller; holds a decoder only from the onset of an utterance to its end."""

    def __init__(self, pool: DecoderPool) -> None:
        self._pool = pool
        self._phrases: tuple[str, ...] = ()
        self._decoder: PhraseDecoder | None = None
        self._decoded_pieces = 0
        self._voiced_windows = 0
        self._rest = b""
        self._front = _Front()
        self._lead: deque[bytes] = deque(maxlen=_LEAD_PIECES)
        self._levels: deque[float] = deque(maxlen=_FLOOR_PIECES)

    def listen(self, phrases: list[str]) -> list[str]:
        """Expect these phrases from the next utterance on; return those that can't be heard.

        They are too long, or hold a word without pronunciation.
        """
        unique = list(dict.fromkeys(phrases))
        self._phrases = tuple(
            phrase for phrase in unique if len(phrase) <= _LONGEST_PHRASE and is_known(phrase)
        )
        heard = set(self._phrases)
        return [phrase for phrase in unique if phrase not in heard]

    def feed(self, audio: bytes) -> None:
        """Take the next mu-law audio, of any length."""
        held = self._rest + audio
        whole = len(held) - len(held) % _PIECE_BYTES
        self._rest = held[whole:]
        for start in range(0, whole, _PIECE_BYTES):
            self._feed_piece(held[start : start + _PIECE_BYTES])

    def finish(self) -> Heard:
        """Return what was heard since the last time."""
        if self._rest:
            self._feed_piece(self._rest)
            self._rest = b""
        return self._end() or Heard(text="", score=None)

    def close(self) -> None:
        """Give up an utterance that is being decoded."""
        self._end()

    def _feed_piece(self, audio: bytes) -> None:
        samples = _LINEAR[np.frombuffer(audio, np.uint8)]
        pcm = self._front.feed(samples)
        if self._decoder is None:
            self._lead.append(pcm)
            if self._phrases and self._is_onset(samples):
                self._begin()
                self._voiced_windows = _voiced_windows(samples)
        elif self._decoded_pieces < _LONGEST_PIECES:
            self._decoder.feed(pcm)
            self._decoded_pieces += 1
            self._voiced_windows += _voiced_windows(samples)

    def _is_onset(self, samples: NDArray[np.float32]) -> bool:
        """Say whether the piece has 20 ms that stand out; the line's noise is what the quiet pieces held."""
        whole = len(samples) // CHUNK_BYTES * CHUNK_BYTES
        levels = np.abs(samples[:whole]).reshape(-1, CHUNK_BYTES).mean(axis=1) if whole else np.zeros(1)
        floor = sorted(self._levels)[len(self._levels) // 5] if self._levels else 0.0
        self._levels.append(float(levels.mean()))
        return bool(levels.max() > max(_QUIETEST_SPEECH, _ABOVE_FLOOR * floor))

    def _begin(self) -> None:
        self._decoder = self._pool.take()
        self._decoder.begin(self._phrases)
        for pcm in self._lead:
            self._decoder.feed(pcm)
        self._decoded_pieces = len(self._lead)
        self._lead.clear()

    def _end(self) -> Heard | None:
        if self._decoder is None:
            return None
        heard = self._decoder.finish()
        self._pool.give_back(self._decoder)
        self._decoder = None
        # A grammar finds its likeliest phrase in a cough or a slammed door as well; those have no pitch.
        return heard if self._voiced_windows >= _FEWEST_VOICED_WINDOWS else Heard(text="", score=heard.score)


def _voiced_windows(samples: Samples) -> int:
    """Count the windows of 50 ms in which the sound repeats itself at the pitch of a voice."""
    whole = len(samples) // _WINDOW_SAMPLES * _WINDOW_SAMPLES
    if not whole:
        return 0
    spectra = np.fft.rfft(samples[:whole].reshape(-1, _WINDOW_SAMPLES), 2 * _WINDOW_SAMPLES)
    correlation = np.fft.irfft(np.abs(spectra) ** 2)
    return int((correlation[:, _PITCH_LAGS].max(axis=1) > _PERIODIC * correlation[:, 0]).sum())


class _Front:
    """Makes of telephone audio what the acoustic model was made for: 16 kHz, and never quite silent."""

    _noise = _noise()

    def __init__(self) -> None:
        self._upsampler = Upsampler()
        self._position = 0

    def feed(self, samples: Samples) -> bytes:
        wide = self._upsampler.feed(samples)
        if self._position + len(wide) > len(self._noise):
            self._position = 0
        wide += self._noise[self._position : self._position + len(wide)]
        self._position += len(wide)
        return bytes(np.clip(wide, -32768, 32767).astype("<i2").tobytes())
