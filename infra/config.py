"""What whoever deploys can choose: one validated object, of context over profile over defaults."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any

from offhook.errors import InvalidInputError

PROFILES = "profiles"
PROFILE = "env"

# Retentions that CloudWatch Logs offers, in days (PutRetentionPolicy).
_LOG_RETENTIONS = (
    *(
        1,
        3,
        5,
        7,
        14,
        30,
        60,
        90,
        120,
        150,
        180,
        365,
        400,
        545,
        731,
        1096,
        1827,
        2192,
        2557,
        2922,
        3288,
        3653,
    ),
)


def _option(default: Any, help_: str) -> Any:
    return field(default=default, metadata={"help": help_})


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Everything that whoever deploys can choose; each field is an option, `-c name=value`."""

    stack_name: str = _option("Offhook", "Name of the stack; another one is another install.")
    retention_days: int = _option(90, "Days after which recordings and transcripts are deleted.")
    log_retention_days: int = _option(30, "Days after which log lines are deleted; one of CloudWatch's own.")
    media_kms: bool = _option(
        False, "Encrypt recordings with the install's own key, in place of one that S3 keeps."
    )

    @classmethod
    def from_context(cls, context: Mapping[str, object]) -> "Configuration":
        """Read the options; raise InvalidInputError with a sentence for an unknown or invalid one.

        What stands in the context wins over the profile that `env` names.
        """
        own = {name: value for name, value in context.items() if not _is_cdk_s(name)}
        profiles = own.pop(PROFILES, {})
        chosen = {**_profile(profiles, own.pop(PROFILE, None)), **own}
        known = {f.name: f for f in fields(cls)}
        if unknown := sorted(chosen.keys() - known.keys()):
            raise InvalidInputError(_unknown(unknown[0], "an option of Offhook's stack", known))
        values = {name: _READERS[known[name].type](name, value) for name, value in chosen.items()}
        configuration = cls(**values)
        configuration._check()
        return configuration

    def _check(self) -> None:
        if self.retention_days < 1:
            raise InvalidInputError("retention_days must be at least 1.")
        if self.log_retention_days not in _LOG_RETENTIONS:
            raise InvalidInputError(
                f"log_retention_days must be one of {', '.join(map(str, _LOG_RETENTIONS))}."
            )


def _is_cdk_s(name: str) -> bool:
    # Feature flags (`@aws-cdk/…`), what the CLI tells the app (`aws:cdk:…`) and its own memory.
    return ":" in name or "/" in name or name in ("cli-telemetry", "acknowledged-issue-numbers")


def _profile(profiles: object, name: object) -> Mapping[str, object]:
    if name is None:
        return {}
    if not isinstance(profiles, Mapping) or name not in profiles:
        known = profiles if isinstance(profiles, Mapping) else {}
        raise InvalidInputError(_unknown(str(name), "a profile of cdk.json", known))
    profile: Mapping[str, object] = profiles[name]
    return profile


def _unknown(name: str, what: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    hint = f"did you mean {close[0]}?" if close else "docs/stack-options.md lists them all."
    return f"{name} is not {what}; {hint}"


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidInputError(f"{name} must be a text.")
    return value


def _int(name: str, value: object) -> int:
    # The command line gives texts, cdk.json may have numbers.
    text = str(value)
    if not text.isdecimal() or not text.isascii():
        raise InvalidInputError(f"{name} must be a whole number, 0 or more.")
    return int(text)


def _bool(name: str, value: object) -> bool:
    texts = {"true": True, "false": False}
    if (text := str(value).lower()) not in texts:
        raise InvalidInputError(f"{name} must be true or false.")
    return texts[text]


_READERS: dict[Any, Callable[[str, object], Any]] = {str: _text, int: _int, bool: _bool}
