"""What not every model takes: it is asked for, and where a refusal names it, never again of that model."""

import asyncio
import json
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from local.aws.speech.signatures import Account
from local.models.script import Rule, say
from offhook.adapters.bedrock.client import Bedrock, BedrockModel
from offhook.adapters.openai.endpoint import ChatModel, Endpoint
from offhook.models.failures import ModelError
from offhook.models.ports import LanguageModel
from offhook.models.requests import ChatLine, ModelRequest, TextDelta, ToolSpec
from tests.support.models import BEDROCK_MODEL, ModelTown, model_town

REQUEST = ModelRequest(
    system="Be brief.",
    lines=(ChatLine(from_caller=True, text="Hi"),),
    tools=(ToolSpec(name="book", description="Books"),),
    must_call="book",
)


@dataclass(kw_only=True)
class Refusing:
    """A service that refuses requests with a field in them, and keeps what it was asked."""

    refused: str
    sentence: str
    error: str = "ValidationException"
    asked: list[Any] = field(default_factory=list)
    url: str = ""

    def answer(self, body: bytes) -> tuple[int, Any]:
        self.asked.append(json.loads(body))
        if self.refused in str(self.asked[-1]):
            return 400, {"message": self.sentence, "error": {"message": self.sentence}}
        return 200, {}

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Refusing"]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                status, answer = service.answer(self.rfile.read(int(self.headers["Content-Length"])))
                body = json.dumps(answer).encode() if status != 200 else b"data: [DONE]\n\n"
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("x-amzn-errortype", service.error)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            self.url = f"http://127.0.0.1:{server.server_port}"
            try:
                yield self
            finally:
                await asyncio.to_thread(server.shutdown)
                thread.join()


async def ask(model: LanguageModel) -> None:
    async with asyncio.timeout(10):
        async for _ in model.reply(REQUEST):
            pass


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("reasoning_effort", "Unrecognized request argument supplied: reasoning_effort"),
        ("chat_template_kwargs", "Unknown parameter: 'chat_template_kwargs'."),
        ("stream_options", "body.stream_options: extra fields not permitted"),
        ("temperature", "Unsupported value: 'temperature' does not support 0.2 with this model."),
        ("tool_choice", "tool_choice is not supported"),
        (
            "'max_tokens'",
            "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead.",
        ),
    ],
)
async def test_an_endpoint_is_asked_without_what_it_refuses_by_name(name: str, sentence: str) -> None:
    async with Refusing(refused=name, sentence=sentence).serving() as service:
        endpoint = Endpoint(service.url)
        await ask(ChatModel(endpoint, "m", temperature=0.2))
        await ask(ChatModel(endpoint, "m", temperature=0.2))
        asked = [name in str(body) for body in service.asked]
    assert asked == [True, False, False]
    if name == "'max_tokens'":
        assert service.asked[-1]["max_completion_tokens"] == 500


async def test_any_other_refusal_is_the_answer() -> None:
    async with Refusing(refused="messages", sentence="No.").serving() as service:
        with pytest.raises(ModelError):
            await ask(ChatModel(Endpoint(service.url), "m"))
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("name", "error", "sentence"),
    [
        (
            "cachePoint",
            "AccessDeniedException",
            "You invoked an unsupported model or your request did not allow prompt caching.",
        ),
        (
            "toolChoice",
            "ValidationException",
            "This model doesn't support the toolConfig.toolChoice.tool field. Remove it and try again.",
        ),
        ("temperature", "ValidationException", "`temperature` is deprecated for this model."),
    ],
)
async def test_a_model_of_bedrock_is_asked_without_what_it_refuses_by_name(
    name: str, error: str, sentence: str, monkeypatch: pytest.MonkeyPatch, aws_endpoint_url: str
) -> None:
    async with Refusing(refused=name, sentence=sentence, error=error).serving() as service:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", service.url)
        with ThreadPoolExecutor(1) as threads:
            bedrock = Bedrock(threads, region="us-east-1")
            for _ in range(2):
                with pytest.raises(ModelError):  # what answers here is no stream of events
                    await ask(BedrockModel(bedrock, "m", temperature=0.2))
            bedrock.close()
        asked = [name in str(body) for body in service.asked]
    assert asked == [True, False, False]


@pytest.fixture
async def town(monkeypatch: pytest.MonkeyPatch, aws_endpoint_url: str) -> AsyncIterator[ModelTown]:
    async with model_town(account=Account(access_key_id="test", secret_access_key="test")) as town:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", town.url)
        yield town


async def test_a_guardrail_sees_what_is_said_before_the_caller_hears_it(town: ModelTown) -> None:
    town.script.add(Rule(reply=say("Hi.")))
    request = ModelRequest(system="", lines=REQUEST.lines)
    with ThreadPoolExecutor(1) as threads:
        bedrock = Bedrock(threads, region="us-east-1")
        model = BedrockModel(bedrock, BEDROCK_MODEL, guardrail=("abc123", "7"))
        heard = [event async for event in model.reply(request)]
        bedrock.close()
    assert heard[0] == TextDelta(text="Hi.")
    assert town.script.asked[0].body["guardrailConfig"] == {
        "guardrailIdentifier": "abc123",
        "guardrailVersion": "7",
        "streamProcessingMode": "sync",
    }
