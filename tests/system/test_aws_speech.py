"""Transcribe and Polly as a process, with the offline engines behind them."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from streamer.media import mulaw
from streamer.speech.aws_failures import AwsSpeechError, Failure
from streamer.speech.polly import Polly, make_client
from streamer.speech.transcribe import (
    Place,
    TranscribeOptions,
    Transcriber,
    TranscribeResult,
    Transport,
)
from tests.support.aws_speech import AUDIO, CLIP, WORDS, hear, session

PHRASES = ["another day please", "tuesday", "how about thursday", "goodbye"]
QUIET = bytes([mulaw.SILENCE]) * 8000
URLS = {Transport.HTTP2: "transcribe_http2_url", Transport.WEBSOCKET: "transcribe_websocket_url"}

# What anybody would write with the package: no cure of ours, the authority by the environment.
PLAIN_USE = """
import asyncio, sys
from pathlib import Path
from amazon_transcribe.client import TranscribeStreamingClient
from amazon_transcribe.endpoints import StaticEndpointResolver

async def main():
    client = TranscribeStreamingClient(region="us-east-1", endpoint_resolver=StaticEndpointResolver(sys.argv[1]))
    stream = await client.start_stream_transcription(
        language_code="en-US", media_sample_rate_hz=8000, media_encoding="pcm")
    audio = Path(sys.argv[2]).read_bytes()
    for start in range(0, len(audio), 1600):
        await stream.input_stream.send_audio_event(audio_chunk=audio[start:start + 1600])
    await stream.input_stream.end_stream()
    async for event in stream.output_stream:
        for result in event.transcript.results:
            if not result.is_partial:
                print(result.alternatives[0].transcript)

asyncio.run(main())
"""


@dataclass(frozen=True, slots=True)
class Speech:
    """A running process: where it is, and how it is controlled."""

    addresses: dict[str, str]

    def transcriber(self, transport: Transport) -> Transcriber:
        place = Place(
            region="us-east-1", url=self.addresses[URLS[transport]], ca_file=self.addresses["ca_file"]
        )
        return Transcriber(place, transport=transport, session=session())

    def control(self, route: str, **content: object) -> dict[str, object]:
        answer = httpx.post(f"{self.addresses['polly_url']}/_control/{route}", json=content)
        told: dict[str, object] = answer.json()
        return told


@contextmanager
def announced(*command: str) -> Iterator[dict[str, str]]:
    """Run a module that says on stdout where it can be reached."""
    with subprocess.Popen(
        [sys.executable, "-m", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Speech]:
    folder = tmp_path_factory.mktemp("speech")
    with ExitStack() as stack:
        offline = stack.enter_context(announced("local.speech", "--port", "0"))
        urls = (
            "--recognise-url",
            offline["recognise_url"],
            "--synthesise-url",
            offline["synthesise_url"],
        )
        server = announced("local.aws.speech.server", "--folder", str(folder), *urls)
        yield Speech(stack.enter_context(server))


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Speech]:
    folder = tmp_path_factory.mktemp("scripted")
    with announced("local.aws.speech.server", "--folder", str(folder)) as addresses:
        yield Speech(addresses)


@pytest.mark.parametrize("transport", list(Transport))
async def test_what_polly_says_is_what_transcribe_hears(speech: Speech, transport: Transport) -> None:
    speech.control("vocabularies", name="days", phrases=PHRASES)
    audio = await _say(speech, "another day please")
    stream = await speech.transcriber(transport).open(TranscribeOptions(vocabularies=("days",)))
    results = await hear(stream, mulaw.decode(QUIET + audio + QUIET))
    await stream.close()
    final = _only_final(results)
    assert final.text == "another day please"
    assert [item.content for item in final.items] == ["another", "day", "please"]
    # The quiet is a second long; a voice is found within a tenth of where it begins and ends.
    assert abs(final.start_ms - 1000) <= 150
    assert abs(final.end_ms - (1000 + len(audio) // 8)) <= 200


@pytest.mark.parametrize("transport", list(Transport))
async def test_a_test_in_another_process_scripts_words_and_failures(
    scripted: Speech, transport: Transport
) -> None:
    words = [word.model_dump() for word in WORDS]
    assert scripted.control("scripts", audio=_base64(CLIP), words=words) == {"words": 3}
    stream = await scripted.transcriber(transport).open(TranscribeOptions())
    assert _only_final(await hear(stream)).text == "nine thirty please"
    await stream.close()

    scripted.control("faults", service="transcribe", kind="throttle", after_ms=0)
    stream = await scripted.transcriber(transport).open(TranscribeOptions())
    with pytest.raises(ExceptionGroup) as caught:
        await hear(stream)
    await stream.close()
    errors = [error for error in caught.value.exceptions if isinstance(error, AwsSpeechError)]
    assert {error.failure for error in errors} == {Failure.THROTTLED}


def test_the_package_as_it_is_trusts_the_authority_of_the_environment(
    scripted: Speech, tmp_path: Path
) -> None:
    words = [word.model_dump() for word in WORDS]
    scripted.control("scripts", audio=_base64(CLIP), words=words)
    (tmp_path / "audio.pcm").write_bytes(AUDIO)
    environment = {
        **os.environ,
        "SSL_CERT_FILE": scripted.addresses["ca_file"],
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }
    url = scripted.addresses[URLS[Transport.HTTP2]]
    finished = subprocess.run(
        [sys.executable, "-c", PLAIN_USE, url, str(tmp_path / "audio.pcm")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    # Unless it is told otherwise the service writes as one writes: digits, a capital, a full stop.
    assert finished.stdout == "9:30 please.\n", finished.stderr


async def _say(speech: Speech, text: str) -> bytes:
    client = make_client(session(), region="us-east-1", url=speech.addresses["polly_url"])
    with ThreadPoolExecutor(1) as threads:
        async with aclosing(Polly(client, threads).speak(text, voice="Matthew", engine="neural")) as pieces:
            audio = b"".join([piece async for piece in pieces])
    client.close()
    return audio


def _only_final(results: list[TranscribeResult]) -> TranscribeResult:
    [final] = [result for result in results if not result.is_partial]
    return final


def _base64(pcm: bytes) -> str:
    return base64.b64encode(mulaw.encode(pcm)).decode()
