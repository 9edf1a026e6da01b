"""What Transcribe is asked for, and how it is reached."""

from dataclasses import dataclass
from enum import StrEnum

RATE_HZ = 8000
"""The telephone's own; Transcribe takes it as it is."""


class Transport(StrEnum):
    """The protocols that Transcribe speaks."""

    HTTP2 = "http2"  # by the package `amazon-transcribe`, which is built on the AWS common runtime
    WEBSOCKET = "websocket"


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscribeOptions:
    """One stream's settings.

    Either `language` is set, or the service finds it out among `language_options`, two or more. Partial results are
    stabilized, so that each item says whether it may still change; `stability` trades accuracy for an early answer.
    `vocabularies` are names that were made beforehand: one, or with language options one for each at most.
    """

    language: str = "en-US"
    language_options: tuple[str, ...] = ()
    preferred_language: str = ""
    vocabularies: tuple[str, ...] = ()
    stability: str = "high"

    def parameters(self) -> dict[str, str]:
        """Return what is asked for, by the names that both protocols use for it.

        The words come as spoken, "nine thirty", and never as "9:30": phrases are spelled as they are spoken.
        """
        parameters = {
            "media-encoding": "pcm",
            "sample-rate": str(RATE_HZ),
            "transcript-format": "spoken",
            "enable-partial-results-stabilization": "true",
            "partial-results-stability": self.stability,
        }
        return parameters | self._language() | self._vocabularies()

    def _language(self) -> dict[str, str]:
        if not self.language_options:
            return {"language-code": self.language}
        preferred = {"preferred-language": self.preferred_language} if self.preferred_language else {}
        return {"identify-language": "true", "language-options": ",".join(self.language_options)} | preferred

    def _vocabularies(self) -> dict[str, str]:
        if not self.vocabularies:
            return {}
        name = "vocabulary-names" if self.language_options else "vocabulary-name"
        return {name: ",".join(self.vocabularies)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the service is: the region's public address unless `url` says otherwise.

    `ca_file` is the one authority to trust in place of the machine's own ones.
    """

    region: str
    url: str = ""
    ca_file: str | None = None

    def url_for(self, transport: Transport) -> str:
        if self.url:
            return self.url.rstrip("/")
        suffix = "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"
        host = f"transcribestreaming.{self.region}.{suffix}"
        return f"https://{host}" if transport is Transport.HTTP2 else f"wss://{host}:8443"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long the service may take, in seconds."""

    open: float = 4.0
    send: float = 2.0
    close: float = 1.0


DEFAULT_PATIENCE = Patience()
