"""How loud each track of a recording is, ten times a second: what a page draws without reading the audio."""

import json
from collections.abc import Iterable

PEAKS_PER_SECOND = 10

_VERSION = 1
_SAMPLES_PER_SECOND = 8000
_TRACKS = ("caller", "agent")
_STRETCH_BYTES = len(_TRACKS) * _SAMPLES_PER_SECOND // PEAKS_PER_SECOND


def peaks_document(stereo: memoryview) -> bytes:
    """Return the peaks of interleaved stereo mu-law at 8000 Hz as JSON; a tenth that has just begun counts as one.

    A peak is the loudest sample of its tenth of a second, linear, from 0 to 100: 100 is the loudest that mu-law holds.
    """
    peaks = [
        _peaks(stereo[start : start + _STRETCH_BYTES]) for start in range(0, len(stereo), _STRETCH_BYTES)
    ]
    document = {
        "version": _VERSION,
        "peaks_per_second": PEAKS_PER_SECOND,
        "duration_seconds": len(stereo) / len(_TRACKS) / _SAMPLES_PER_SECOND,
        "tracks": {name: [both[track] for both in peaks] for track, name in enumerate(_TRACKS)},
    }
    return json.dumps(document, separators=(",", ":")).encode()


def _peaks(stretch: memoryview) -> tuple[int, int]:
    loudness = stretch.tobytes().translate(_LOUDNESS)
    return _loudest(loudness[0::2]), _loudest(loudness[1::2])


def _loudest(loudness: bytes) -> int:
    """Return the maximum. An hour has 58 million samples: few are looked at one by one, those louder than some are."""
    some = max(loudness[::16])
    return max(loudness.translate(None, _NOT_LOUDER[some]), default=some)


def _magnitude(code: int) -> int:
    """Return how far a sample of mu-law is from silence, as G.711 has it: 0 to 32124."""
    code = ~code & 0x7F
    return (((code & 0x0F) << 3) + 0x84 << (code >> 4)) - 0x84


def _percentages(magnitudes: Iterable[int]) -> bytes:
    found = list(magnitudes)
    return bytes(round(100 * each / max(found)) for each in found)


_LOUDNESS = _percentages(map(_magnitude, range(256)))
_NOT_LOUDER = [bytes(range(percent + 1)) for percent in range(101)]
