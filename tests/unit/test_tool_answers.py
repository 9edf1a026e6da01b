"""What a model is told of a tool's answer: short, in one sentence where it is of no use, and without what was presented."""

import json
from base64 import b64encode
from urllib.parse import quote

import pytest

from offhook.runs.ports import MAX_REPLY_BYTES, Reply
from streamer.tools.answers import bounded, told
from streamer.tools.ports import MOST_ANSWER_CHARACTERS

SECRET = 'k"3y/with\\odd signs'


def reply(body: bytes, status: int = 200) -> Reply:
    return Reply(status=status, body=body)


def test_json_is_told_without_its_spaces_and_text_as_it_is() -> None:
    assert (
        told(reply(b'{"a": [1, 2], "b": "\\u00e9"}'), {}).text == '{"status":200,"body":{"a":[1,2],"b":"é"}}'
    )
    assert told(reply(b"all good"), {}).text == '{"status":200,"body":"all good"}'
    assert told(reply(b""), {}).text == '{"status":200,"body":""}'


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_a_failure_is_told_with_its_status_and_body(status: int) -> None:
    answer = told(reply(b'{"detail":"No such order."}', status), {})
    assert answer.is_error
    assert json.loads(answer.text) == {"status": status, "body": {"detail": "No such order."}}


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 302), (b"x" * MAX_REPLY_BYTES, 200), (b"\x89PNG\0\0", 200)],
    ids=["redirect", "too long", "no text"],
)
def test_what_is_of_no_use_is_one_sentence(body: bytes, status: int) -> None:
    answer = told(reply(body, status), {})
    assert answer.is_error
    assert len(answer.text) < 150
    assert answer.text.endswith(".")


def test_a_long_answer_is_cut() -> None:
    answer = told(reply(b"x" * (MAX_REPLY_BYTES - 1)), {})
    assert len(answer.text) == MOST_ANSWER_CHARACTERS
    assert "goes on" in answer.text[-30:]


@pytest.mark.parametrize(
    "body",
    [b"[" * 60_000, b'{"a":' * 10_000, b"9" * 60_000, b"NaN", b"\xff\xfe\xfd", b'"\\ud800"'],
    ids=["lists", "objects", "digits", "NaN", "no UTF-8", "half a character"],
)
def test_odd_json_breaks_nothing(body: bytes) -> None:
    text = told(reply(body), {}).text
    assert 0 < len(text) <= MOST_ANSWER_CHARACTERS


@pytest.mark.parametrize(
    "echo",
    [SECRET, json.dumps({"headers": {"X-Key": SECRET}}), f"?key={quote(SECRET, safe='')}", SECRET + SECRET],
)
def test_a_secret_that_comes_back_is_masked(echo: str) -> None:
    text = told(reply(echo.encode()), {"X-Key": SECRET}).text
    assert "[secret]" in text
    assert "odd signs" not in text
    assert "odd%20signs" not in text


def test_what_a_header_is_made_of_is_masked_too() -> None:
    token = b64encode(b"ada:pass-word").decode()
    for presented, echoes in (
        ({"Authorization": "Bearer abc.def"}, ("Bearer abc.def", "abc.def")),
        ({"Authorization": f"Basic {token}"}, (f"Basic {token}", token, "ada:pass-word", "pass-word")),
    ):
        for echo in echoes:
            text = bounded(f"You are {echo}!", presented)
            assert "[secret]" in text
            assert not any(each in text for each in echoes)


def test_a_secret_is_not_left_half_where_the_answer_is_cut() -> None:
    secret = "s" * 50
    text = bounded("x" * (MOST_ANSWER_CHARACTERS - 40) + secret, {"X-Key": secret})
    assert "sss" not in text
