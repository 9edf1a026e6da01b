"""`offhook up --models local`: a call whose words a language model finds, with no account and nothing to download."""

from collections.abc import Iterator

import pytest

from local.client.demo import make_thinking_agent
from local.client.rest import InstallClient
from local.client.target import Target
from local.install import thinking_agent
from offhook.json_types import JsonObject
from tests.support.whole_install import WholeInstall, whole_install

pytestmark = pytest.mark.timeout(150)


@pytest.fixture
def install(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeInstall]:
    with whole_install(tmp_path_factory.mktemp("up"), "--models", "local") as running:
        yield running


@pytest.mark.long
def test_the_second_demo_call_is_led_by_a_model(install: WholeInstall) -> None:
    line = install.first_line
    target = Target(
        base_url=install.base_url,
        api_key=line["api_key"],
        agent_uuid=line["agent_uuid"],
        trigger_path=line["trigger_path"],
    )
    with InstallClient(target) as client:
        make_thinking_agent(client)
        # An install that keeps its data has it already.
        make_thinking_agent(client)
        body: JsonObject = {"phone_number": "+15555550101", "initial_context": {"customer_name": "Ada"}}
        run_id = client.post(f"/public/agent/{thinking_agent.TRIGGER_PATH}", body)["workflow_run_id"]
    run = install.wait_until_over(int(str(run_id)))
    assert (run["status"], run["disposition"], run["failure"]) == ("completed", "rescheduled", None)
    told = [event["data"] for event in install.events(run["id"])]
    words = [data["text"] for data in told if data.get("speaker") == "agent" and "text" in data]
    assert words[3:] == [
        "That is no problem.",
        "Which weekday would suit you better?",
        "Very well.",
        "Did I hear the day right?",
        "It is changed.",
        "Thank you and goodbye.",
    ]
    assert run["usage_info"]["llm"]["output_tokens"] == 30
