"""The environment contract: what infra writes with `to_env` and the rooms read with `from_env`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any

from offhook.errors import InvalidInputError
from offhook.signing import LEAST_SECRET_CHARACTERS

_PREFIX = "OFFHOOK_"
CLIENT_VARIABLES = frozenset({"OFFHOOK_API_KEY", "OFFHOOK_BASE_URL"})
"""Read by the command line, which talks to an install from outside; no room knows them."""


def _setting(default: Any, help_: str) -> Any:
    return field(default=default, metadata={"help": help_})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that an operator can set; each field is the variable `OFFHOOK_` + its name in capitals.

    The AWS SDK's own variables (`AWS_REGION`, `AWS_ENDPOINT_URL_DYNAMODB`, …) stay the SDK's.
    """

    public_base_url: str = _setting(
        "", "Address at which carriers and clients reach this install, without a final slash."
    )
    install_secret: str = _setting(
        "", "Secret from which tokens and cursors are signed; at least 32 characters."
    )
    install_secret_id: str = _setting(
        "",
        "Name or ARN of that secret in AWS Secrets Manager, read once at start, in place of the secret itself.",
    )
    config_table: str = _setting(
        "offhook-config", "DynamoDB table of organizations, keys, agents and telephony."
    )
    runs_table: str = _setting("offhook-runs", "DynamoDB table of runs.")
    events_table: str = _setting("offhook-events", "DynamoDB table of the runs' event logs.")
    media_bucket: str = _setting("offhook-media", "S3 bucket of recordings and transcripts.")
    kms_key_id: str = _setting("", "KMS key that seals provider tokens.")
    dial_queue_url: str = _setting("", "SQS queue of runs that wait for their dial.")
    aftercall_queue_url: str = _setting("", "SQS queue of finished runs that something follows.")
    campaign_queue_url: str = _setting("", "SQS queue of campaigns that are to be fed, and of their files.")
    allowed_networks: str = _setting(
        "",
        "Private networks that callbacks and tools may reach, such as 10.1.0.0/16, separated by commas; "
        "without any, public addresses only.",
    )
    cloudonix_url: str = _setting("https://api.cloudonix.io", "The Cloudonix REST API.")
    recognisers: str = _setting(
        "transcribe",
        "Recognisers that agents may choose (`transcribe`, `embedded`), separated by commas; the first is for agents "
        "that choose none.",
    )
    synthesisers: str = _setting(
        "polly", "Synthesisers that agents may choose (`polly`, `embedded`), likewise."
    )
    models: str = _setting(
        "embedded",
        "Language models that agents may choose (`embedded`, `bedrock`, `openai`), likewise. Agents of phrases and keys "
        "need none.",
    )
    bedrock_model: str = _setting(
        "", "Model of Bedrock for agents that name none: its id, or that of an inference profile."
    )
    bedrock_region: str = _setting("", "Region in which Bedrock is asked; empty is the SDK's own.")
    bedrock_second_region: str = _setting(
        "",
        "Region in which Bedrock is asked when the first does not answer: for the same model, or the agent's second one.",
    )
    llm_url: str = _setting(
        "",
        "Endpoint that speaks OpenAI's chat completions, which `openai` is, such as http://127.0.0.1:11434/v1 (Ollama).",
    )
    llm_model: str = _setting("", "Model of that endpoint for agents that name none.")
    llm_api_key: str = _setting("", "Key that the endpoint is shown, if it wants one.")
    llm_api_key_id: str = _setting(
        "", "Name or ARN of that key in AWS Secrets Manager, read once at start, in place of the key itself."
    )
    recogniser_url: str = _setting("", "WebSocket of the offline recogniser (ws://…), which `embedded` is.")
    synthesiser_url: str = _setting("", "WebSocket of the offline synthesiser (ws://…), which `embedded` is.")
    transcribe_url: str = _setting(
        "", "Where Amazon Transcribe is (https://… or wss://…, as its transport says); empty is AWS."
    )
    transcribe_transport: str = _setting("websocket", "Protocol spoken with Transcribe: websocket or http2.")
    transcribe_ca_file: str = _setting(
        "", "File of the one authority to trust at Transcribe's address, in place of the machine's own ones."
    )
    polly_quotas: str = _setting(
        "standard=80,neural=8,long-form=8,generative=8",
        "Requests a second that the account may make of Polly's engines, which all streamers share.",
    )
    max_calls: int = _setting(100, "Calls that one streamer process takes at most.")
    trusted_proxies: int = _setting(
        0,
        "Proxies in front of the streamer that add to X-Forwarded-For, so that it knows its peers by where those saw "
        "them; 0 by the address that connects.",
    )
    drain_seconds: int = _setting(
        90,
        "How long a streamer that is told to stop lets its calls go on; then each caller hears a closing sentence and is hung "
        "up on, and the process ends within 24 s more.",
    )
    session_place_seconds: int = _setting(
        30,
        "How long the place of a browser's caller whose socket is gone is kept; then the call ends as if they had hung up.",
    )
    infrastructure: str = _setting(
        "aws",
        "What the streamer runs on, by its name in the price list: `aws`, or `embedded`, which costs nothing.",
    )
    metrics_namespace: str = _setting(
        "Offhook",
        "CloudWatch namespace of what is counted; installs that share an account each have their own.",
    )
    embeddings_model: str = _setting(
        "",
        "Model on Bedrock that finds passages of documents by their meaning, beside their words, such as "
        "amazon.titan-embed-text-v2:0; empty goes by words alone.",
    )
    price_list: str = _setting("", "JSON file that replaces the built-in price list.")
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR.")

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read the settings; raise InvalidInputError with a sentence for an unknown or invalid one."""
        known = {_PREFIX + f.name.upper(): f for f in fields(cls)}
        unknown = sorted(
            name for name in env if name.startswith(_PREFIX) and name not in known.keys() | CLIENT_VARIABLES
        )
        if unknown:
            raise InvalidInputError(_unknown(unknown[0], known))
        values: dict[str, Any] = {}
        for name, f in known.items():
            if name in env:
                values[f.name] = _int(name, env[name]) if f.type is int else env[name]
        settings = cls(**values)
        settings._check()
        return settings

    def to_env(self) -> dict[str, str]:
        """Write the settings that differ from their defaults."""
        return {
            _PREFIX + f.name.upper(): str(getattr(self, f.name))
            for f in fields(self)
            if getattr(self, f.name) != f.default
        }

    def _check(self) -> None:
        for name in ("public_base_url", "cloudonix_url", "llm_url"):
            value = getattr(self, name)
            if value and not value.startswith(("http://", "https://")):
                raise InvalidInputError(f"{_PREFIX}{name.upper()} must start with http:// or https://.")
        if self.llm_api_key and self.llm_api_key_id:
            raise InvalidInputError(
                f"Set {_PREFIX}LLM_API_KEY or {_PREFIX}LLM_API_KEY_ID, not both: the endpoint is shown one key."
            )
        if self.transcribe_url and not self.transcribe_url.startswith(("https://", "wss://")):
            raise InvalidInputError(f"{_PREFIX}TRANSCRIBE_URL must start with https:// or wss://.")
        if self.transcribe_transport not in ("websocket", "http2"):
            raise InvalidInputError(f"{_PREFIX}TRANSCRIBE_TRANSPORT must be websocket or http2.")
        if self.install_secret and len(self.install_secret) < LEAST_SECRET_CHARACTERS:
            raise InvalidInputError(
                f"{_PREFIX}INSTALL_SECRET must have at least {LEAST_SECRET_CHARACTERS} characters."
            )
        if self.install_secret and self.install_secret_id:
            raise InvalidInputError(
                f"Set {_PREFIX}INSTALL_SECRET or {_PREFIX}INSTALL_SECRET_ID, not both: one secret signs."
            )
        if self.max_calls < 1:
            raise InvalidInputError(f"{_PREFIX}MAX_CALLS must be at least 1.")
        for name in ("drain_seconds", "session_place_seconds", "trusted_proxies"):
            if getattr(self, name) < 0:
                raise InvalidInputError(f"{_PREFIX}{name.upper()} must be 0 or more.")
        if self.log_level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise InvalidInputError(f"{_PREFIX}LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR.")


def _unknown(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]}?" if close else "docs/settings.md lists them all."
    return f"{name} is not a setting of Offhook; {hint}"


def _int(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InvalidInputError(f"{name} must be a whole number.") from None
