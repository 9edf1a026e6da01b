"""The edge's function in Node, and what the streamer reads of what it lets through: the same as of the address itself."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from streamer.sockets.stream_request import _MOVED, StreamRequest, read_stream_request
from tests.support.edge_function import SOURCE, EdgeFunction, edge_function


@pytest.fixture(scope="module")
def edge() -> Iterator[EdgeFunction]:
    with edge_function() as edge:
        yield edge


def read(edge: EdgeFunction, query: str, headers: Mapping[str, str]) -> StreamRequest:
    """Return what the streamer reads behind the edge."""
    return read_stream_request("agent-1", None, *edge.run(query, headers))


def test_secrets_leave_the_address_and_all_else_stays(edge: EdgeFunction) -> None:
    query, headers = edge.run(
        "api_key=dg_1&provider=cloudonix&session=XI%2B1&from=+15555550100&a=1&a=2", {"host": "voice"}
    )
    assert query == "provider=cloudonix&from=+15555550100&a=1&a=2"
    assert headers == {"host": "voice", "x-offhook-api-key": "dg_1", "x-offhook-session": "XI%2B1"}


@pytest.mark.parametrize(
    ("query", "key", "session"),
    [
        ("api_key=a%2Fb%3D%3D&session=a+b", "a/b==", "a+b"),
        ("api_key=%C3%BC&session=50%25", "ü", "50%"),
        ("api_key=dg_1&api_key=dg_2&session=&session=XI-2", "dg_1", "XI-2"),
        ("api%5Fkey=dg_1&%73ession=XI-1", "dg_1", "XI-1"),
        ("api_key=&provider=cloudonix", None, None),
        ("provider=cloudonix&constructor=x&%zz=1", None, None),
        ("", None, None),
    ],
    ids=["encoded", "not ASCII", "repeated", "name encoded", "empty", "missing", "no query"],
)
def test_the_streamer_reads_what_it_would_have_read_of_the_address(
    edge: EdgeFunction, query: str, key: str | None, session: str | None
) -> None:
    found = read(edge, query, {})
    assert found == read_stream_request("agent-1", None, query, {})
    assert (found.api_key, found.parameters.get("session")) == (key, session)


def test_headers_that_a_client_has_made_up_count_for_nothing(edge: EdgeFunction) -> None:
    forged = dict.fromkeys(_MOVED.values(), "forged")
    assert read(edge, "provider=cloudonix", forged).api_key is None
    found = read(edge, "api_key=dg_1&session=XI-1", forged)
    assert (found.api_key, found.parameters["session"]) == ("dg_1", "XI-1")


def test_it_moves_what_the_streamer_looks_for(edge: EdgeFunction) -> None:
    query, headers = edge.run("&".join(f"{name}=secret" for name in _MOVED), {})
    assert (query, headers) == ("", dict.fromkeys(_MOVED.values(), "secret"))


def test_the_token_of_a_session_goes_where_clients_that_send_headers_put_it(edge: EdgeFunction) -> None:
    query, headers = edge.run("ws_token=a.b-c_d.e&resume_from=0&ws_token=other", {"host": "voice"})
    assert (query, headers) == ("resume_from=0", {"host": "voice", "authorization": "Bearer a.b-c_d.e"})


def test_whoever_sends_the_header_anyway_is_known_by_it(edge: EdgeFunction) -> None:
    query, headers = edge.run("ws%5Ftoken=other&audio=json", {"authorization": "Bearer own"})
    assert (query, headers) == ("audio=json", {"authorization": "Bearer own"})
    assert edge.run("ws_token=", {}) == ("", {})
    basic = {"authorization": "Basic b3duOg=="}
    assert edge.run("ws_token=own", basic) == ("", {"authorization": "Bearer own"})


_TEXT = st.text("ab%25+/=;-_0é", max_size=6).map(lambda text: text.replace("é", "%C3%A9").replace("=", "%3D"))
_NAMES = st.sampled_from(["api_key", "session", "ws_token", "provider", "api%5Fkey", "%zz", "__proto__"])


@pytest.mark.fuzz
@given(st.lists(st.tuples(_NAMES, _TEXT), max_size=5))
@example([("api%5Fkey", "00"), ("api_key", "0")])
def test_of_any_address_the_streamer_reads_the_same(
    edge: EdgeFunction, parameters: list[tuple[str, str]]
) -> None:
    names = [name for name, _ in parameters]
    # Repeated names are told together, so that their order among other spellings of the same is lost.
    assume(not {"api_key", "api%5Fkey"} <= set(names) or len(set(names)) == len(names))
    query = "&".join(f"{name}={value}" for name, value in parameters)
    passed, headers = edge.run(query, dict.fromkeys(_MOVED.values(), "forged"))
    read_there, read_here = (
        read_stream_request("agent-1", None, *each) for each in ((passed, headers), (query, {}))
    )
    # A session's token is none of an Agent Stream's parameters.
    kept = {name: value for name, value in read_here.parameters.items() if name != "ws_token"}
    assert read_there == replace(read_here, parameters=kept)
    assert not {"api_key", "session", "ws_token", "api%5Fkey"} & {
        pair.partition("=")[0] for pair in passed.split("&")
    }


def test_it_is_within_what_the_edge_runs() -> None:
    assert len(SOURCE.encode()) < 10_000
    code = re.sub(r"//.*", "", SOURCE)
    # The runtime is ECMAScript 5.1 with some of what came later: nothing of that is needed here.
    assert not re.search(
        r"=>|`|\.\.\.|\b(let|const|class|of|async|await|import|require|eval|Function)\b", code
    )
