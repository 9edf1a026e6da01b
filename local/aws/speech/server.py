"""The services together: `python -m local.aws.speech.server` as a process, `speech_services` within one."""

import argparse
import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from socket import socket

import trustme
from websockets.asyncio.server import serve

from local.aws.speech.control import Controls
from local.aws.speech.listening import OfflineEar
from local.aws.speech.polly import Polly
from local.aws.speech.polly_http import PollyFront
from local.aws.speech.signatures import Account
from local.aws.speech.transcribe_http2 import Http2Connection
from local.aws.speech.transcribe_stream import Limits, Transcribe
from local.aws.speech.transcribe_websocket import WebSocketFront
from local.processes.parent import live_with_parent
from streamer.speech.embedded.offline import OfflineRecogniser, OfflineSynthesiser
from streamer.speech.ports import Voice

_LARGEST_MESSAGE_BYTES = 1024 * 1024
# A stream that was given up in the middle of its audio does not notice that its peer has gone.
_CLOSING_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the services are, and the file of the authority that vouches for Transcribe's."""

    transcribe_http2_url: str
    transcribe_websocket_url: str
    polly_url: str
    ca_file: str


@asynccontextmanager
async def speech_services(
    transcribe: Transcribe, polly: Polly, *, folder: Path, account: Account | None = None
) -> AsyncIterator[Addresses]:
    """Serve on free ports of loopback inside the block; the authority's certificate is written into the folder."""
    account = account or Account()
    authority = trustme.CA()
    ca_file = folder / "speech-ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    loop = asyncio.get_running_loop()
    connections: set[asyncio.WriteTransport] = set()
    web_sockets = WebSocketFront(transcribe, account)
    front = PollyFront(
        polly=polly,
        account=account,
        control=Controls(transcribe=transcribe, polly=polly),
        connections=connections,
    )
    http2 = await loop.create_server(
        lambda: Http2Connection(transcribe, account, connections), "127.0.0.1", 0, ssl=_tls(authority, "h2")
    )
    http1 = await asyncio.start_server(front.serve, "127.0.0.1", 0)
    async with (
        http2,
        http1,
        serve(
            web_sockets.serve,
            "127.0.0.1",
            0,
            ssl=_tls(authority, "http/1.1"),
            process_request=web_sockets.check,
            compression=None,
            max_size=_LARGEST_MESSAGE_BYTES,
            ping_interval=None,
            close_timeout=_CLOSING_SECONDS,
        ) as web_socket,
    ):
        try:
            yield Addresses(
                transcribe_http2_url=f"https://localhost:{_port(http2.sockets)}",
                transcribe_websocket_url=f"wss://localhost:{_port(web_socket.sockets)}",
                polly_url=f"http://127.0.0.1:{_port(http1.sockets)}",
                ca_file=str(ca_file),
            )
        finally:
            # A server that closes leaves its connections open.
            for transport in connections:
                transport.abort()


def _port(sockets: Iterable[socket]) -> int:
    port: int = next(iter(sockets)).getsockname()[1]
    return port


def _tls(authority: trustme.CA, protocol: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    context.set_alpn_protocols([protocol])
    return context


async def run(arguments: argparse.Namespace) -> None:
    """Serve until SIGTERM or until stdin closes; say where as one line of JSON on stdout."""
    transcribe = Transcribe(limits=Limits(streams=arguments.streams))
    if arguments.recognise_url:
        recogniser = OfflineRecogniser(arguments.recognise_url)
        transcribe.make_ear = lambda request: OfflineEar(
            recogniser,
            [phrase for name in request.vocabularies for phrase in transcribe.vocabularies[name]]
            or _lines(arguments.phrases),
        )
    synthesiser = OfflineSynthesiser(arguments.synthesise_url)
    polly = Polly(
        speak=lambda text, voice: synthesiser.synthesise(text, voice=Voice(engine="offline", name=voice)),
        faults=transcribe.faults,
    )
    account = Account.of_environment()
    async with speech_services(transcribe, polly, folder=arguments.folder, account=account) as addresses:
        print(json.dumps(asdict(addresses)), flush=True)
        await asyncio.get_running_loop().create_future()


def _lines(file: Path | None) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines() if file is not None else []


def main() -> None:
    """Serve Transcribe and Polly on this machine."""
    parser = argparse.ArgumentParser(prog="local.aws.speech.server", description=main.__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="folder for the authority's certificate")
    parser.add_argument(
        "--recognise-url", default="", help="the offline recogniser; without it, scripts only"
    )
    parser.add_argument(
        "--phrases", type=Path, help="file of what is heard, one a line, in streams without a vocabulary"
    )
    parser.add_argument("--synthesise-url", default="", help="the offline synthesiser")
    parser.add_argument("--streams", type=int, default=25, help="streams of Transcribe at a time")
    live_with_parent()
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
