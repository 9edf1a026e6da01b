"""Makes the clips anew: `python -m benchmarks.clips.make`; needs the `offline` extra, and numpy."""

import sys
from pathlib import Path

import numpy as np

from benchmarks.speech import make_clip
from local.speech.espeak import Espeak
from local.speech.resample import Downsampler
from streamer.media.mulaw import encode

# Short enough not to pause: a pause longer than the end-of-turn wait would be a turn of its own.
LONGEST_PAUSE_MS = 140
SENTENCES = {
    "afternoon": ("en-us", "Could you tell me whether you are open on Monday afternoon"),
    "another": ("en-us+f3", "No I would rather have another day if you have one"),
    "confirm": ("en-gb", "Yes that will be fine for me thank you very much"),
    "number": ("en-us+m3", "My number is nine one zero four seven and my name is Mary"),
    "question": ("en-gb+f2", "Will there be anyone to help me with my luggage when I arrive"),
    "reason": ("en-us+m1", "I am calling about an order that never came"),
}


def main() -> int:
    espeak = Espeak()
    for name, (voice, text) in SENTENCES.items():
        clip = make_clip(name, _telephone(_spoken(espeak, voice, text)))
        print(f"{name}: {len(clip.chunks) * 20} ms, longest pause {clip.longest_pause_ms} ms")
        if clip.longest_pause_ms > LONGEST_PAUSE_MS:
            print("Its pause is too long: reword the sentence.", file=sys.stderr)
            return 1
        Path(__file__).with_name(f"{name}.ulaw").write_bytes(b"".join(clip.chunks))
    return 0


def _spoken(espeak: Espeak, voice: str, text: str) -> bytes:
    pcm = bytearray()

    def take(piece: bytes) -> bool:
        pcm.extend(piece)
        return True

    espeak.speak(text, voice=voice, rate_wpm=175, on_samples=take)
    return bytes(pcm)


def _telephone(pcm: bytes) -> bytes:
    down = Downsampler()
    samples = np.concatenate((down.feed(np.frombuffer(pcm, "<i2").astype(np.float32)), down.finish()))
    return encode(np.clip(samples, -32768, 32767).astype("<i2").tobytes())


if __name__ == "__main__":
    sys.exit(main())
