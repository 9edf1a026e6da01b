"""The environment contract: what is accepted, what is refused, and that it survives being written and read."""

from dataclasses import fields

import pytest

from local.generated.settings_table import settings_table
from offhook.errors import InvalidInputError
from offhook.settings import Settings


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_env({}) == Settings()


def test_variables_of_others_are_left_alone() -> None:
    assert Settings.from_env({"PATH": "/bin", "AWS_REGION": "eu-west-1"}) == Settings()


def test_a_variable_sets_its_field() -> None:
    settings = Settings.from_env({"OFFHOOK_RUNS_TABLE": "acme-runs", "OFFHOOK_MAX_CALLS": "7"})
    assert (settings.runs_table, settings.max_calls) == ("acme-runs", 7)


def test_what_is_written_is_read_back_the_same() -> None:
    settings = Settings(public_base_url="https://calls.example.net", install_secret="s" * 32, max_calls=3)
    assert Settings.from_env(settings.to_env()) == settings


def test_only_what_differs_from_the_default_is_written() -> None:
    assert Settings(log_level="DEBUG").to_env() == {"OFFHOOK_LOG_LEVEL": "DEBUG"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OFFHOOK_RUNS_TABEL", "acme-runs"),
        ("OFFHOOK_MAX_CALLS", "many"),
        ("OFFHOOK_MAX_CALLS", "0"),
        ("OFFHOOK_PUBLIC_BASE_URL", "calls.example.net"),
        ("OFFHOOK_CLOUDONIX_URL", "ftp://api.example.net"),
        ("OFFHOOK_INSTALL_SECRET", "too-short"),
        ("OFFHOOK_LOG_LEVEL", "LOUD"),
    ],
)
def test_a_wrong_setting_is_refused_by_name_and_without_its_value(name: str, value: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        Settings.from_env({name: value})
    assert name in refusal.value.detail
    assert value not in refusal.value.detail.replace(name, "") or value == "0"


def test_two_install_secrets_are_one_too_many() -> None:
    with pytest.raises(InvalidInputError, match="not both") as refusal:
        Settings.from_env(
            {"OFFHOOK_INSTALL_SECRET": "s" * 32, "OFFHOOK_INSTALL_SECRET_ID": "offhook/install"}
        )
    assert "s" * 32 not in refusal.value.detail


def test_a_mistyped_setting_is_told_what_it_may_mean() -> None:
    with pytest.raises(InvalidInputError, match=r"did you mean OFFHOOK_MEDIA_BUCKET\?"):
        Settings.from_env({"OFFHOOK_MEDIA_BUKCET": "recordings"})
    with pytest.raises(InvalidInputError, match=r"docs/settings\.md"):
        Settings.from_env({"OFFHOOK_ZZZZZZZZZZZZ": "1"})


def test_the_document_lists_every_setting_with_its_meaning() -> None:
    document = settings_table()
    for setting in fields(Settings):
        assert f"| `OFFHOOK_{setting.name.upper()}` |" in document
        assert setting.metadata["help"]
