"""The guarded client reaches what it may and nothing else, and no peer can hold or fill it."""

import socket
import zlib
from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from offhook.adapters.http.connections import Resolver
from offhook.adapters.http.guarded_client import GuardedClient
from offhook.addresses import Address, AddressPolicy, UnsafeAddressError
from offhook.runs.ports import MAX_REPLY_BYTES, DeliveryError
from tests.support.certificates import Authority
from tests.support.fair_time import fair_clock
from tests.support.peers import Peer, listening, nobody, replies

pytestmark = pytest.mark.every_python

LOOPBACK = AddressPolicy(["127.0.0.0/8", "::1/128"])
OK = replies("HTTP/1.1 200 OK\nContent-Length: 5\nX-Kind: test\n\nhello")


@pytest.fixture
def peer() -> Iterator[Peer]:
    with listening(OK) as found:
        yield found


def names(**known: Sequence[str]) -> Resolver:
    """Return a resolver that knows these names, with an underscore for each dot, and addresses themselves."""

    def resolve(host: str, _: int) -> list[Address]:
        return [ip_address(text) for text in known.get(host.replace(".", "_"), [host])]

    return resolve


def client(*allowed: str, resolve: Resolver | None = None) -> GuardedClient:
    policy = AddressPolicy(allowed)
    return GuardedClient(policy) if resolve is None else GuardedClient(policy, resolve=resolve)


def test_a_post_arrives_with_its_body_and_headers_and_returns_the_status(peer: Peer) -> None:
    guarded = GuardedClient(LOOPBACK)
    assert guarded.send(f"{peer.url}/hook?a=b%20c", b'{"a":1}', {"X-Signature": "s"}).status == 200
    head, _, body = peer.requests[0].decode().partition("\r\n\r\n")
    request_line, *fields = head.split("\r\n")
    assert request_line == "POST /hook?a=b%20c HTTP/1.1"
    sent = {name.lower(): value for name, value in (field.split(": ", 1) for field in fields)}
    assert sent == {
        "host": f"127.0.0.1:{peer.port}",
        "accept-encoding": "identity",
        "connection": "close",
        "user-agent": "Offhook/1",
        "content-type": "application/json",
        "content-length": "7",
        "x-signature": "s",
    }
    assert body == '{"a":1}'


def test_a_request_returns_status_headers_and_body(peer: Peer) -> None:
    reply = GuardedClient(LOOPBACK).request("PATCH", f"{peer.url}/orders/1", headers={"Accept": "text/plain"})
    assert (reply.status, reply.headers["x-kind"], reply.body) == (200, "test", b"hello")
    assert peer.requests[0].startswith(b"PATCH /orders/1 HTTP/1.1\r\n")


def test_headers_that_frame_a_message_or_name_its_host_are_not_the_tenants(peer: Peer) -> None:
    smuggled = {
        "Host": "metadata",
        "Content-Length": "0",
        "Transfer-Encoding": "chunked",
        "proxy-authorization": "x",
    }
    GuardedClient(LOOPBACK).request("POST", peer.url, headers=smuggled, body=b"abc")
    sent = peer.requests[0].lower()
    assert b"metadata" not in sent
    assert b"chunked" not in sent
    assert b"proxy-authorization" not in sent
    assert sent.endswith(b"\r\n\r\nabc")


def test_a_header_that_would_be_two_is_not_sent(peer: Peer) -> None:
    with pytest.raises(DeliveryError) as failed:
        GuardedClient(LOOPBACK).request("GET", peer.url, headers={"X-A": "1\r\nX-B: 2"})
    assert not failed.value.retryable
    assert not any(peer.requests)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "[::ffff:127.0.0.1]"],
)
def test_loopback_is_refused_in_every_notation_unless_it_is_allowed(peer: Peer, host: str) -> None:
    url = f"http://{host}:{peer.port}/"
    with pytest.raises(UnsafeAddressError) as refused:
        client().send(url, b"{}", {})
    assert host not in refused.value.detail
    assert peer.requests == []
    # Octal numbers are refused in any case, and ::ffff:… needs a socket of both families, which not every machine has.
    if not host.startswith(("0177", "[")):
        assert client("127.0.0.0/8", "::1/128").send(url, b"{}", {}).status == 200


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.7",
        "::1",
        "::ffff:127.0.0.1",
        "0.0.0.0",
        "169.254.169.254",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
    ],
)
def test_a_name_that_leads_inside_is_refused(peer: Peer, address: str) -> None:
    guarded = client(resolve=names(inside_example_com=[address]))
    with pytest.raises(UnsafeAddressError):
        guarded.send(f"http://inside.example.com:{peer.port}/", b"{}", {})
    assert peer.requests == []


def test_a_name_with_a_public_and_a_private_address_is_refused(peer: Peer) -> None:
    for both in (["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"]):
        with pytest.raises(UnsafeAddressError):
            client(resolve=names(both_example_com=both)).send(
                f"http://both.example.com:{peer.port}/", b"{}", {}
            )
    assert peer.requests == []


def test_a_name_is_resolved_once_and_the_checked_address_is_used(peer: Peer) -> None:
    # The second time, the name would lead where nobody may go.
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])

    def resolve(_: str, __: int) -> list[Address]:
        return [ip_address(text) for text in next(answers)]

    assert (
        client("127.0.0.1/32", resolve=resolve)
        .send(f"http://rebind.example.com:{peer.port}/", b"{}", {})
        .status
        == 200
    )
    assert b"rebind.example.com" in peer.requests[0]
    assert next(answers) == ["169.254.169.254"]


def test_metadata_stays_closed_even_if_everything_is_allowed() -> None:
    guarded = client("0.0.0.0/0", "::/0", resolve=names(metadata_example_com=["169.254.169.254"]))
    for host in ("metadata.example.com", "169.254.169.254", "2852039166", "[fd00:ec2::254]"):
        with pytest.raises(UnsafeAddressError):
            guarded.request("GET", f"http://{host}/latest/meta-data/", headers={})


def test_a_second_address_is_tried_when_the_first_does_not_answer(peer: Peer) -> None:
    guarded = client("127.0.0.0/8", resolve=names(two_example_com=["127.0.0.2", "127.0.0.1"]))
    assert guarded.send(f"http://two.example.com:{peer.port}/", b"{}", {}).status == 200


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest/meta-data/", "http://127.0.0.1:{port}/inside"]
)
def test_a_redirect_is_not_followed(peer: Peer, status: int, target: str) -> None:
    location = target.format(port=peer.port)
    with listening(replies(f"HTTP/1.1 {status} Moved\nLocation: {location}\nContent-Length: 0\n\n")) as moved:
        assert GuardedClient(LOOPBACK).send(moved.url, b"{}", {}).status == status
    assert peer.requests == []


def test_a_proxy_of_the_environment_is_not_used(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(OK) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert GuardedClient(LOOPBACK).send(peer.url, b"{}", {}).status == 200
        assert proxy.requests == []


def trickle(stop: Event, *parts: bytes) -> Iterator[bytes]:
    yield from parts
    while not stop.wait(0.02):
        yield b"a"


@pytest.mark.parametrize(
    "start",
    [b"", b"HTTP/1.1 200 OK\r\nX-Long: ", b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n"],
    ids=["status line", "headers", "body"],
)
def test_a_peer_that_trickles_does_not_hold_us(start: bytes) -> None:
    stop = Event()

    def answer(connection: socket.socket) -> None:
        for part in trickle(stop, start):
            connection.sendall(part)

    with listening(answer) as slow, fair_clock() as clock:
        begun, wall_begun = clock(), monotonic()
        with pytest.raises(DeliveryError) as failed:
            GuardedClient(LOOPBACK, request_limit_s=0.4).request("GET", slow.url, headers={})
        taken, wall_taken = clock() - begun, monotonic() - wall_begun
        stop.set()
    assert failed.value.retryable
    assert wall_taken > 0.3
    assert taken < 3


def test_a_peer_that_does_not_read_does_not_hold_us() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(DeliveryError):
            GuardedClient(LOOPBACK, request_limit_s=0.4).send(url, b"x" * 50_000_000, {})


def test_a_shorter_timeout_of_the_caller_holds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, fair_clock() as clock:
        begun = clock()
        with pytest.raises(DeliveryError, match="in time"):
            GuardedClient(LOOPBACK).request(
                "GET", f"http://127.0.0.1:{silent.getsockname()[1]}", headers={}, timeout=0.2
            )
        assert clock() - begun < 3


def test_a_name_server_that_hangs_does_not_hold_us() -> None:
    stop = Event()

    def hang(_: str, __: int) -> list[Address]:
        stop.wait(20)
        return []

    with fair_clock() as clock:
        begun = clock()
        with pytest.raises(DeliveryError):
            GuardedClient(LOOPBACK, resolve=hang, request_limit_s=0.2).send(
                "http://slow.example.com/", b"{}", {}
            )
        stop.set()
        assert clock() - begun < 3


def test_a_huge_body_is_cut_and_not_read_on() -> None:
    sent = 0

    def flood(connection: socket.socket) -> None:
        nonlocal sent
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(2000):
            sent += connection.send(b"x" * 65536)

    with listening(flood) as huge:
        reply = GuardedClient(LOOPBACK).request("GET", huge.url, headers={})
        assert GuardedClient(LOOPBACK).send(huge.url, b"{}", {}).status == 200
        more = GuardedClient(LOOPBACK).request("GET", huge.url, headers={}, most_bytes=MAX_REPLY_BYTES + 1)
    assert reply.body == b"x" * MAX_REPLY_BYTES
    assert more.body == b"x" * (MAX_REPLY_BYTES + 1)
    assert sent < 60_000_000


def test_endless_headers_are_refused() -> None:
    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(100_000):
            connection.sendall(b"X-%d: %s\r\n" % (number, b"y" * 1000))

    with listening(flood) as huge, pytest.raises(DeliveryError):
        GuardedClient(LOOPBACK).request("GET", huge.url, headers={})


def test_a_compressed_body_is_refused_unread_but_the_status_of_a_post_counts() -> None:
    bomb = zlib.compress(b"\0" * 5_000_000)

    def answer(connection: socket.socket) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nContent-Length: {len(bomb)}\r\n\r\n"
        connection.sendall(head.encode() + bomb)

    with listening(answer) as packed:
        with pytest.raises(DeliveryError) as failed:
            GuardedClient(LOOPBACK).request("GET", packed.url, headers={})
        assert GuardedClient(LOOPBACK).send(packed.url, b"{}", {}).status == 200
    assert not failed.value.retryable


def test_failures_are_told_without_the_address() -> None:
    with listening(replies("not HTTP at all\n\n")) as odd:
        odd_url = f"{odd.url}/token-in-the-path"
        with pytest.raises(DeliveryError) as no_http:
            GuardedClient(LOOPBACK).send(odd_url, b"{}", {})
    with nobody() as gone, pytest.raises(DeliveryError) as refused:
        GuardedClient(LOOPBACK).send(f"{gone.url}/token-in-the-path", b"{}", {})

    def unknown(_: str, __: int) -> list[Address]:
        raise socket.gaierror(-2, "token.example.com is not known")

    with pytest.raises(DeliveryError) as no_name:
        client(resolve=unknown).send("http://token.example.com/", b"{}", {})
    for failed in (no_http, refused, no_name):
        assert failed.value.retryable
        assert "token" not in f"{failed.value!r} {failed.value.__cause__!r}"
        assert failed.value.__suppress_context__


@pytest.mark.parametrize(
    "url",
    [
        "http://a..b/",
        f"http://{'a' * 64}.example.com/",
        "http://xn--\u00fc.example/",
        "http://exa%41mple.com/",
    ],
)
def test_a_name_that_is_none_is_refused_or_not_found(url: str) -> None:
    with pytest.raises((UnsafeAddressError, DeliveryError)):
        client().send(url, b"{}", {})


def test_tls_verifies_the_name_although_the_address_was_chosen_before(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    resolve = names(hooks_example_com=["127.0.0.1"], other_example_com=["127.0.0.1"])
    trusting = GuardedClient(LOOPBACK, resolve=resolve, ssl_context=authority.client_context())
    with listening(OK, authority.server_context("hooks.example.com")) as secure:
        assert trusting.send(f"https://hooks.example.com:{secure.port}/", b"{}", {}).status == 200
        for url in (f"https://other.example.com:{secure.port}/", f"https://127.0.0.1:{secure.port}/"):
            with pytest.raises(DeliveryError):
                trusting.send(url, b"{}", {})
        with pytest.raises(DeliveryError):
            client("127.0.0.0/8", resolve=resolve).send(
                f"https://hooks.example.com:{secure.port}/", b"{}", {}
            )
    assert len([request for request in secure.requests if request]) == 1
