"""What whoever deploys may choose: what is accepted, which wins, what is refused with which sentence."""

from dataclasses import fields

import pytest

from infra.config import Configuration
from local.generated.stack_options import stack_options
from offhook.errors import InvalidInputError

PROFILES = {"profiles": {"prod": {"retention_days": 30, "max_calls": 50}}}
DOMAIN = {"domain": "voice.example.com", "zone_id": "Z0123456789", "zone_name": "example.com"}


def test_without_options_everything_is_as_the_document_says() -> None:
    assert Configuration.from_context({}) == Configuration()


def test_the_command_line_wins_over_the_profile_and_that_over_the_default() -> None:
    context = {**PROFILES, "env": "prod", "max_calls": "7"}
    chosen = Configuration.from_context(context)
    assert (chosen.max_calls, chosen.retention_days, chosen.log_retention_days) == (7, 30, 30)


def test_a_profile_that_is_not_chosen_says_nothing() -> None:
    assert Configuration.from_context(PROFILES) == Configuration()


def test_the_cdk_s_own_context_is_left_alone() -> None:
    own = {
        "@aws-cdk/core:newStyleStackSynthesis": True,
        "aws:cdk:bundling-stacks": [],
        "cli-telemetry": False,
    }
    assert Configuration.from_context(own) == Configuration()


def test_what_the_command_line_gives_as_text_becomes_what_it_means() -> None:
    chosen = Configuration.from_context({"media_kms": "true", "streamer_min": "2", **DOMAIN})
    assert (chosen.media_kms, chosen.streamer_min, chosen.domain) == (True, 2, "voice.example.com")


def test_cdk_json_may_have_numbers_and_truths() -> None:
    chosen = Configuration.from_context({"media_kms": True, "streamer_min": 2})
    assert (chosen.media_kms, chosen.streamer_min) == (True, 2)


@pytest.mark.parametrize(
    ("context", "sentence"),
    [
        ({"retention_day": "3"}, "retention_day is not an option of the stack; did you mean retention_days?"),
        ({"x": "3"}, "x is not an option of the stack; docs/stack-options.md lists them all."),
        ({**PROFILES, "env": "prd"}, "prd is not a profile of cdk.json; did you mean prod?"),
        ({"env": "prod"}, "prod is not a profile of cdk.json"),
        (
            {"profiles": {"prod": "retention_days=3"}, "env": "prod"},
            "The profile prod in cdk.json must be an object",
        ),
        ({"profiles": {"prod": {"max_call": 3}}, "env": "prod"}, "did you mean max_calls?"),
        ({"retention_days": "a"}, "retention_days must be a whole number."),
        ({"retention_days": "1.5"}, "retention_days must be a whole number."),
        ({"retention_days": "²"}, "retention_days must be a whole number."),
        ({"retention_days": True}, "retention_days must be a whole number."),
        ({"retention_days": "0"}, "retention_days must be at least 1."),
        ({"retention_days": "99999"}, "retention_days must be at most 36500."),
        ({"log_retention_days": "31"}, "log_retention_days must be one of 1, 3, 5"),
        ({"media_kms": "yes"}, "media_kms must be true or false."),
        ({"edge": "alb"}, "edge must be one of cloudfront, public-alb."),
        ({"domain": 3}, "domain must be a text."),
        ({"domain": "https://x.example.com"}, "domain must be a host name in small letters."),
        ({"domain": "voice.example.com\n"}, "domain must be a host name in small letters."),
        ({"domain": "voice.example.com"}, "domain, zone_id and zone_name belong together"),
        ({**DOMAIN, "zone_name": "ample.com"}, "domain must be ample.com, or end in .ample.com."),
        ({"streamer_min": "3", "streamer_max": "2"}, "streamer_max must be at least streamer_min."),
        ({"alarm_email": "me"}, "alarm_email must be an e-mail address."),
        ({"availability_zones": "us-east-1a"}, "availability_zones must be two names or more"),
        ({"allowed_networks": "10.1.0.0/8"}, "allowed_networks: '10.1.0.0/8' is no network"),
        ({"polly_quotas": "neural"}, "polly_quotas must be engine=number"),
        ({"stack_name": "my stack"}, "stack_name must be letters, digits and hyphens."),
        ({"models": "bedrock"}, "name the models that agents may use in bedrock_model or bedrock_models"),
        ({"models": "openai"}, "give its endpoint as llm_url"),
        ({"models": "gemini"}, "models must be embedded, bedrock or openai"),
        ({"llm_api_key_id": "sk-secret"}, "llm_api_key_id must be the ARN of a secret"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(context: dict[str, object], sentence: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        Configuration.from_context(context)
    assert sentence in str(refused.value)


def test_rooms_get_the_options_that_are_settings() -> None:
    chosen = Configuration.from_context({"max_calls": "7", "log_level": "DEBUG"})
    environment = chosen.settings(runs_table="acme-runs").to_env()
    assert environment == {
        "OFFHOOK_MAX_CALLS": "7",
        "OFFHOOK_LOG_LEVEL": "DEBUG",
        "OFFHOOK_RUNS_TABLE": "acme-runs",
    }


def test_the_document_lists_every_option() -> None:
    assert all(f"| `{option.name}` |" in stack_options() for option in fields(Configuration))


def test_the_models_of_bedrock_are_those_that_are_named_each_once() -> None:
    chosen = {"bedrock_model": "a", "bedrock_models": "b,a"}
    assert Configuration.from_context({"models": "bedrock", **chosen}).models_of_bedrock == ("a", "b")
    assert Configuration.from_context(chosen).models_of_bedrock == ()
