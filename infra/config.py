"""What whoever deploys can choose: one validated object, of context over profile over defaults."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from ipaddress import ip_network
from typing import Any

from infra.task_size import MOST_CALLS
from offhook.errors import InvalidInputError
from offhook.settings import Settings

PROFILES = "profiles"
PROFILE = "env"

# What CloudWatch Logs offers (PutRetentionPolicy).
_YEARS = (365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
_LOG_RETENTIONS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, *_YEARS)
_REGION = r"[a-z]{2}(-[a-z]+)+-\d"
_MODEL = r"[A-Za-z0-9][A-Za-z0-9._:/@-]*"
_HOST_NAME = r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"


def _option(default: Any, help_: str, **rules: Any) -> Any:
    """An option; rules are `least` and `most` of a number, `choices`, or the `pattern` of a text and its `form` in words."""
    return field(default=default, metadata={"help": help_, **rules})


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Everything that whoever deploys can choose; each field is an option, `-c name=value`."""

    stack_name: str = _option(
        "Offhook",
        "Name of the stack; another name is another install.",
        pattern=r"[A-Za-z][A-Za-z0-9-]{0,127}",
        form="letters, digits and hyphens",
    )
    domain: str = _option(
        "",
        "Host name of the install, such as voice.example.com, in place of CloudFront's own; needs the zone.",
        pattern=_HOST_NAME,
        form="a host name in small letters",
    )
    zone_id: str = _option(
        "",
        "Id of the Route 53 zone in which the domain lies.",
        pattern=r"Z[A-Z0-9]{1,31}",
        form="as Route 53 shows it (Z…)",
    )
    zone_name: str = _option(
        "", "Name of that zone, such as example.com.", pattern=_HOST_NAME, form="a host name in small letters"
    )
    region: str = _option(
        "",
        "Region that the stack goes to. Needed with a domain or waf where that is not us-east-1, from where alone "
        "CloudFront takes certificates and firewalls: they then make a second, small stack.",
        pattern=_REGION,
        form="a region's code, such as eu-central-1",
    )
    edge: str = _option(
        "cloudfront",
        "What stands in front: `cloudfront`, or `public-alb` where VPC origins are not to be had, which takes the "
        "sockets through a public load balancer and needs a domain.",
        choices=("cloudfront", "public-alb"),
    )
    waf: bool = _option(False, "Put a web application firewall in front.")
    availability_zones: str = _option(
        "",
        "Availability zones to use, such as us-east-1a,us-east-1c, where the region's first two have no VPC origins.",
        pattern=r"[a-z]{2}(-[a-z]+)+-\d[a-z](,[a-z]{2}(-[a-z]+)+-\d[a-z])+",
        form="two names or more, separated by commas",
    )
    alarm_email: str = _option(
        "",
        "Address that alarms are sent to; without one they only show in CloudWatch.",
        pattern=r"[^@\s,]+@[^@\s,]+\.[^@\s,]+",
        form="an e-mail address",
    )
    streamer_min: int = _option(1, "Streamers that always run.", least=1)
    streamer_max: int = _option(10, "Streamers at most.", least=1)
    max_calls: int = _option(
        25,
        "Calls that one streamer takes at most, which its size follows. A new AWS account transcribes 25 at a time.",
        least=1,
        most=MOST_CALLS,
    )
    image: str = _option(
        "",
        "Container image of the streamer, in place of a public Python image that loads the streamer at its start.",
        pattern=r"[a-z0-9][A-Za-z0-9._:/@-]{0,511}",
        form="an image's name with a tag or digest",
    )
    retention_days: int = _option(
        90,
        "Days after which recordings and transcripts are deleted, also those of agents that keep their runs longer.",
        least=1,
        most=36500,
    )
    media_kms: bool = _option(
        False, "Encrypt recordings with the install's own key, in place of one that S3 keeps."
    )
    log_retention_days: int = _option(30, "Days after which log lines are deleted.", choices=_LOG_RETENTIONS)
    log_level: str = _option("INFO", "What is logged.", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
    polly_quotas: str = _option(
        Settings().polly_quotas,
        "Requests a second that the account may make of Polly's engines.",
        pattern=r"[a-z-]+=\d+(,[a-z-]+=\d+)*",
        form="engine=number, separated by commas",
    )
    models: str = _option(
        Settings().models,
        "Language models that agents may choose (embedded, bedrock, openai), separated by commas; the first is for agents that "
        "choose none.",
        pattern=r"(embedded|bedrock|openai)(,(embedded|bedrock|openai))*",
        form="embedded, bedrock or openai, separated by commas",
    )
    bedrock_model: str = _option(
        "",
        "Model of Bedrock for agents that name none: the id of a model or of an inference profile, or a profile's ARN.",
        pattern=_MODEL,
        form="an id, such as us.amazon.nova-lite-v1:0",
    )
    bedrock_models: str = _option(
        "",
        "Further models of Bedrock that agents may name, separated by commas.",
        pattern=f"{_MODEL}(,{_MODEL})*",
        form="ids, separated by commas",
    )
    bedrock_guardrails: str = _option(
        "",
        "Ids of the guardrails that agents may name, separated by commas.",
        pattern=r"[a-z0-9]+(,[a-z0-9]+)*",
        form="ids, separated by commas",
    )
    bedrock_second_region: str = _option(
        "",
        "Region in which Bedrock is asked when the stack's own does not answer.",
        pattern=_REGION,
        form="a region's code, such as us-west-2",
    )
    embeddings_model: str = _option(
        "",
        "Model on Bedrock that finds passages of documents by their meaning too, such as amazon.titan-embed-text-v2:0.",
        pattern=_MODEL,
        form="an id, such as amazon.titan-embed-text-v2:0",
    )
    llm_url: str = _option(
        "",
        "Endpoint that speaks OpenAI's chat completions, which `openai` is.",
        pattern=r"https?://[^\s\"']+",
        form="an address, such as https://llm.example.com/v1",
    )
    llm_model: str = _option("", "Model of that endpoint for agents that name none.")
    llm_api_key_id: str = _option(
        "",
        "ARN of the secret in Secrets Manager whose text is the endpoint's key; create it beforehand.",
        pattern=r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+",
        form="the ARN of a secret",
    )
    allowed_networks: str = _option(
        "",
        "Private networks that callbacks and tools may reach, separated by commas.",
        form="networks, such as 10.1.0.0/16",
    )

    @classmethod
    def from_context(cls, context: Mapping[str, object]) -> "Configuration":
        """Read the options; raise InvalidInputError with a sentence for an unknown or invalid one.

        What stands in the context wins over the profile that `env` names.
        """
        own = {name: value for name, value in context.items() if not _is_of_cdk(name)}
        chosen = {**_profile(own.pop(PROFILES, {}), own.pop(PROFILE, None)), **own}
        known = {f.name: f for f in fields(cls)}
        if unknown := sorted(chosen.keys() - known.keys()):
            raise InvalidInputError(_unknown(unknown[0], "an option of the stack", known))
        values = {name: _READERS[known[name].type](name, value) for name, value in chosen.items()}
        for name, value in values.items():
            _check(name, value, known[name].metadata)
        configuration = cls(**values)
        configuration._check_together()
        return configuration

    @property
    def models_of_bedrock(self) -> tuple[str, ...]:
        """What agents may ask Bedrock for; nothing where it is not among the models."""
        if "bedrock" not in self.models.split(","):
            return ()
        return tuple(dict.fromkeys(filter(None, (self.bedrock_model, *self.bedrock_models.split(",")))))

    @property
    def metrics_namespace(self) -> str:
        """Where the install counts; another one in the same account counts elsewhere."""
        return self.stack_name

    def settings(self, **others: Any) -> Settings:
        """Return a room's settings: the options of their names, and what only its own part of the stack knows."""
        shared = {option.name for option in fields(self)} & {setting.name for setting in fields(Settings)}
        chosen = {name: getattr(self, name) for name in shared}
        return Settings(metrics_namespace=self.metrics_namespace, **chosen, **others)

    def _check_together(self) -> None:
        if self.streamer_max < self.streamer_min:
            raise InvalidInputError("streamer_max must be at least streamer_min.")
        zone = (self.domain, self.zone_id, self.zone_name)
        if any(zone) and not all(zone):
            raise InvalidInputError("domain, zone_id and zone_name belong together: give all three, or none.")
        if self.edge == "public-alb" and not self.domain:
            raise InvalidInputError(
                "edge=public-alb needs a domain: without its certificate, audio would cross the internet in clear."
            )
        names = self.models.split(",")
        if "bedrock" in names and not self.models_of_bedrock:
            raise InvalidInputError(
                "models has bedrock: name the models that agents may use in bedrock_model or bedrock_models."
            )
        if "openai" in names and not self.llm_url:
            raise InvalidInputError("models has openai: give its endpoint as llm_url.")
        for network in filter(None, self.allowed_networks.split(",")):
            _check_network(network)
        if self.domain and not f".{self.domain}".endswith(f".{self.zone_name}"):
            raise InvalidInputError(f"domain must be {self.zone_name}, or end in .{self.zone_name}.")


def _check(name: str, value: Any, rules: Mapping[str, Any]) -> None:
    if (least := rules.get("least")) is not None and value < least:
        raise InvalidInputError(f"{name} must be at least {least}.")
    if (most := rules.get("most")) is not None and value > most:
        raise InvalidInputError(f"{name} must be at most {most}.")
    if (choices := rules.get("choices")) is not None and value not in choices:
        raise InvalidInputError(f"{name} must be one of {', '.join(map(str, choices))}.")
    if value and "pattern" in rules and not re.fullmatch(rules["pattern"], value):
        raise InvalidInputError(f"{name} must be {rules['form']}.")


def _check_network(text: str) -> None:
    try:
        ip_network(text)
    except ValueError:
        raise InvalidInputError(f"allowed_networks: {text!r} is no network, such as 10.1.0.0/16.") from None


def _is_of_cdk(name: str) -> bool:
    # Feature flags (`@aws-cdk/…`), what the CLI tells the app (`aws:cdk:…`), and what it keeps in a user's ~/.cdk.json.
    return ":" in name or "/" in name or name in ("cli-telemetry", "acknowledged-issue-numbers")


def _profile(profiles: object, name: object) -> Mapping[str, object]:
    known = profiles if isinstance(profiles, Mapping) else {}
    if name is None:
        return {}
    if name not in known:
        raise InvalidInputError(_unknown(str(name), "a profile of cdk.json", known))
    if not isinstance(profile := known[name], Mapping):
        raise InvalidInputError(f"The profile {name} in cdk.json must be an object of options.")
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
    # The command line gives texts; cdk.json may have numbers.
    text = str(value)
    if not text.isdecimal() or not text.isascii() or len(text) > 9:
        raise InvalidInputError(f"{name} must be a whole number.")
    return int(text)


def _bool(name: str, value: object) -> bool:
    texts = {"true": True, "false": False}
    if (text := str(value).lower()) not in texts:
        raise InvalidInputError(f"{name} must be true or false.")
    return texts[text]


_READERS: dict[Any, Callable[[str, object], Any]] = {str: _text, int: _int, bool: _bool}
