"""What a stream of Transcribe is asked for, checked as the service checks it."""

import re
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from local.aws.speech.refusals import bad_request
from offhook.agents.engines import RECOGNISERS, TRANSCRIBE

LANGUAGES = frozenset(RECOGNISERS[TRANSCRIBE].languages)
_SAMPLE_RATES_HZ = range(8000, 48_001)
_SESSION_ID = re.compile(r"[a-fA-F0-9]{8}(-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptionRequest:
    """A request that the service would take; `languages` has one, or all that it may be."""

    languages: tuple[str, ...]
    identifies_language: bool
    sample_rate_hz: int
    is_spoken: bool
    is_stabilized: bool
    vocabularies: tuple[str, ...]
    session_id: str
    asked: Mapping[str, str]


def read_request(asked: Mapping[str, str], vocabularies: Collection[str]) -> TranscriptionRequest:
    """Check the parameters, named as in the query of the WebSocket API; raise RefusalError."""
    identifies = _flag(asked, "identify-language") or _flag(asked, "identify-multiple-languages")
    encoding = _one_of(asked, "media-encoding", {"pcm", "ogg-opus", "flac"})
    if encoding != "pcm":
        raise bad_request(
            "This server on this machine hears `pcm` only; the service hears ogg-opus and flac as well."
        )
    return TranscriptionRequest(
        languages=_options(asked) if identifies else (_language(asked),),
        identifies_language=identifies,
        sample_rate_hz=_sample_rate(asked),
        is_spoken=_one_of(asked, "transcript-format", {"spoken", "written"}, "written") == "spoken",
        is_stabilized=_stabilized(asked),
        vocabularies=_vocabularies(asked, vocabularies, identifies=identifies),
        session_id=_session_id(asked),
        asked=dict(asked),
    )


def _language(asked: Mapping[str, str]) -> str:
    code = asked.get("language-code", "")
    if code not in LANGUAGES:
        raise bad_request("You didn't specify a valid language code. Specify one, or identify the language.")
    return code


def _options(asked: Mapping[str, str]) -> tuple[str, ...]:
    if "language-code" in asked:
        raise bad_request("A language code and language identification can't be used in one request.")
    options = tuple(asked.get("language-options", "").split(","))
    if len(options) < 2 or not LANGUAGES.issuperset(options):
        raise bad_request("Language identification needs at least two valid language options.")
    if asked.get("preferred-language", options[0]) not in options:
        raise bad_request("The preferred language must be one of the language options.")
    if len({option.split("-")[0] for option in options}) < len(options):
        raise bad_request("Only one dialect of each language can be among the language options.")
    return options


def _sample_rate(asked: Mapping[str, str]) -> int:
    text = asked.get("sample-rate", "")
    if not text.isdecimal() or int(text) not in _SAMPLE_RATES_HZ:
        raise bad_request("The sample rate must be from 8000 to 48000 Hz.")
    return int(text)


def _stabilized(asked: Mapping[str, str]) -> bool:
    is_stabilized = _flag(asked, "enable-partial-results-stabilization")
    if "partial-results-stability" in asked and not is_stabilized:
        raise bad_request("Set a stability only together with partial results stabilization.")
    _one_of(asked, "partial-results-stability", {"low", "medium", "high"}, "high")
    return is_stabilized


def _vocabularies(asked: Mapping[str, str], known: Collection[str], *, identifies: bool) -> tuple[str, ...]:
    wrong, right = (
        ("vocabulary-name", "vocabulary-names") if identifies else ("vocabulary-names", "vocabulary-name")
    )
    if wrong in asked:
        raise bad_request(f"Use {right} and not {wrong} in this request.")
    names = tuple(name for name in asked.get(right, "").split(",") if name)
    if any(name not in known for name in names):
        raise bad_request(
            "The requested vocabulary couldn't be found. Check the vocabulary name and try again."
        )
    return names


def _session_id(asked: Mapping[str, str]) -> str:
    session_id = asked.get("session-id") or str(uuid.uuid4())
    if not _SESSION_ID.fullmatch(session_id):
        raise bad_request("The session ID must be a UUID.")
    return session_id


def _flag(asked: Mapping[str, str], name: str) -> bool:
    return _one_of(asked, name, {"true", "false"}, "false") == "true"


def _one_of(asked: Mapping[str, str], name: str, values: set[str], default: str = "") -> str:
    # The SDK writes True and False, and the format's own spelling is SPOKEN in requests and spoken in documents.
    value = asked.get(name, default).lower()
    if value not in values:
        raise bad_request(f"The value of {name} must be one of: {', '.join(sorted(values))}.")
    return value
