"""The models that an install has, as an agent's settings choose among them."""

import pytest

from offhook.adapters.bedrock.client import BedrockModel
from offhook.adapters.models.by_engine import InstalledModels
from offhook.adapters.openai.endpoint import ChatModel
from offhook.agents.offered import Offered
from offhook.agents.settings import AgentSettings, Guardrail
from offhook.errors import NotConfiguredError
from offhook.models.keyword_model import KeywordModel
from offhook.settings import Settings

INSTALL = Settings(
    models="bedrock,openai,embedded",
    bedrock_model="nova",
    bedrock_second_region="eu-west-1",
    llm_url="http://127.0.0.1:11434/v1",
)


def choose(install: Settings = INSTALL, **settings: object) -> list[tuple[str, str]]:
    models = InstalledModels(install, Offered.by(install))
    chosen = models.choose(AgentSettings.model_validate(settings))
    return [(choice.engine, type(choice.model).__name__) for choice in chosen]


BEDROCK, CHAT, KEYWORDS = BedrockModel.__name__, ChatModel.__name__, KeywordModel.__name__


def test_by_default_an_install_goes_by_words() -> None:
    assert choose(Settings()) == [("embedded", KEYWORDS)]


def test_models_are_called_by_their_ids_which_prices_go_by() -> None:
    assert choose() == [("nova", BEDROCK), ("nova", BEDROCK)]
    assert choose(model="openai", model_id="qwen3:4b", second_model="bedrock") == [
        ("qwen3:4b", CHAT),
        ("nova", BEDROCK),
    ]
    assert choose(model="embedded") == [("embedded", KEYWORDS)]


def test_an_agent_without_a_model_that_can_be_named_goes_by_words() -> None:
    assert choose(model="openai") == [("embedded", KEYWORDS)]


def test_a_guardrail_is_no_matter_to_an_endpoint() -> None:
    guardrail = Guardrail(id="abc", version="1").model_dump()
    assert choose(model="openai", model_id="m", guardrail=guardrail) == [("m", CHAT)]


def test_openai_without_an_address_does_not_start() -> None:
    install = Settings(models="openai")
    with pytest.raises(NotConfiguredError, match="OFFHOOK_LLM_URL"):
        InstalledModels(install, Offered.by(install))


def test_clients_are_there_before_the_first_caller_waits_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    models = InstalledModels(INSTALL, Offered.by(INSTALL))
    models.warm()
    services = (models._bedrock, models._second_bedrock)
    assert [len(service._clients) for service in services] == [1, 1]
    regions = [service.client(is_unheard=False).meta.region_name for service in services]
    assert regions == ["us-east-1", "eu-west-1"]
