"""Requests for tenants go to public addresses and to what the operator allows, however an address is written."""

from contextlib import suppress
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.addresses import AddressPolicy, UnsafeAddressError
from offhook.errors import InvalidInputError
from tests.support.tables import each_of

PUBLIC_ONLY = AddressPolicy()
EVERYTHING = AddressPolicy(["0.0.0.0/0", "::/0"])
LOOPBACK = AddressPolicy(["127.0.0.0/8", "::1/128"])

PUBLIC = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700::1111", "64:ff9b::8.8.8.8", "2002:808:808::1"]
NOT_PUBLIC = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "172.16.0.1", "172.31.9.9"),
    *("192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.7", "203.0.113.9"),
    *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "100::1", "2001:db8::1", "3fff::1", "5f00::1"),
    *("::ffff:10.0.0.1", "::ffff:127.0.0.1", "::10.0.0.1", "::8.8.8.8", "2002:0a00:0001::", "64:ff9b::10.0.0.1"),
    *("64:ff9b:1::1", "64:ff9b::127.0.0.1", "2001:0:808:808::", "::ffff:0:10.0.0.1", "2606:4700::5efe:10.0.0.1"),
]  # fmt: skip
NEVER = [
    *("169.254.169.254", "169.254.170.2", "169.254.0.1", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "fd00:ec2::23"),
    *("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd20:ce::254"),
    *("::ffff:169.254.169.254", "::169.254.169.254", "2002:a9fe:a9fe::", "64:ff9b::a9fe:a9fe"),
    *("64:ff9b:1::a9fe:a9fe", "64:ff9b:1:a9fe:a9:fe00::", "::ffff:0:169.254.169.254"),
    # Teredo writes the client's address with its bits turned over.
    *("2001:0:808:808:0:0:5601:5601", "2001:0:a9fe:a9fe::", "2606:4700::200:5efe:a9fe:a9fe"),
]  # fmt: skip


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_is_allowed(text: str) -> None:
    assert PUBLIC_ONLY.allows(ip_address(text))


@each_of([(text,) for text in (*NOT_PUBLIC, *NEVER)])
def test_an_address_that_is_not_public_is_refused(text: str) -> None:
    assert not PUBLIC_ONLY.allows(ip_address(text))


@each_of([(text,) for text in NOT_PUBLIC])
def test_an_operator_can_allow_what_is_not_public(text: str) -> None:
    assert EVERYTHING.allows(ip_address(text))


@each_of([(text,) for text in NEVER])
def test_no_operator_can_allow_what_gives_a_machines_credentials_away(text: str) -> None:
    assert not EVERYTHING.allows(ip_address(text))


def test_a_network_is_allowed_for_itself_alone_and_in_its_mapped_form() -> None:
    policy = AddressPolicy([" 10.1.0.0/16", "", "fd12::/16"])
    assert policy.allows(ip_address("10.1.255.1"))
    assert policy.allows(ip_address("::ffff:10.1.0.1"))
    assert policy.allows(ip_address("fd12::1"))
    assert not policy.allows(ip_address("10.2.0.1"))
    assert not policy.allows(ip_address("::ffff:10.2.0.1"))


def test_an_allowed_gateway_does_not_open_what_lies_behind_it() -> None:
    policy = AddressPolicy(["2002::/16", "64:ff9b:1::/48", "2001::/32"])
    assert not policy.allows(ip_address("2002:0a00:0001::"))
    assert not policy.allows(ip_address("64:ff9b:1::10.0.0.1"))
    assert policy.allows(ip_address("64:ff9b:1::8.8.8.8"))


@pytest.mark.parametrize("text", ["10.1.0.1/16", "ten", "10.0.0.0/33", "10.0.0.0-10.0.0.9", "*"])
def test_a_network_that_cannot_be_read_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"written like 10\.1\.0\.0/16"):
        AddressPolicy(["10.0.0.0/8", text])


def test_the_setting_separates_networks_by_commas() -> None:
    policy = AddressPolicy.from_setting("127.0.0.0/8, ::1/128")
    assert policy.allows(ip_address("127.0.0.1"))
    assert policy.allows(ip_address("::1"))
    assert not AddressPolicy.from_setting("").allows(ip_address("127.0.0.1"))


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/a?b=c#d",
        "http://hooks.example.com:8080",
        "https://hooks.example.com.",
        "https://8.8.8.8/x",
        "https://[2606:4700::1111]:8443/x",
        "https://bücher.example/x",
        "https://10.example.com/",
        "https://0x.example.com/",
    ],
)
def test_an_ordinary_address_passes(url: str) -> None:
    PUBLIC_ONLY.check_url(url)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1"),
        *("017700000001", "0x7f.0.0.0x1", "[::1]", "[::ffff:127.0.0.1]", "[0:0:0:0:0:ffff:7f00:1]", "[::127.0.0.1]"),
        *("[64:ff9b::7f00:1]", "\uff11\uff12\uff17.0.0.1", "①②⑦.0.0.1", "127。0。0。1", "127\uff0e0\uff0e0\uff0e1", "127.0.0.1\u00ad"),
        *("0", "0.0.0.0", "[::]", "localhost", "LOCALHOST.", "api.localhost", "\uff4cocalhost", "local\u200bhost"),
        *("10.0.0.1", "169.254.169.254", "2852039166", "0xA9FEA9FE", "[fd00:ec2::254]", "[fe80::1%25eth0]"),
        *("1.2.3.4.5", "256.1.1.1", "1.2.3.08", "4294967296", "foo.1", "127%2e0.0.1", "1_0.0.0.1"),
    ],
)  # fmt: skip
def test_an_address_is_refused_in_whatever_notation(host: str) -> None:
    for url in (f"http://{host}/latest", f"https://{host}:8443", f"HTTPS://{host}?a"):
        with pytest.raises(UnsafeAddressError) as refused:
            PUBLIC_ONLY.check_url(url)
        assert refused.value.problems[0].loc == ()
        assert host not in refused.value.detail


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://example.com", "file:///etc/passwd", "gopher://example.com", "javascript:alert(1)", "//example.com"),
        *("example.com", "", "http://", "https:///path", "http:example.com", "https://?a=b", "http://.", "http://.."),
        *("http://user@example.com", "http://user:password@example.com", "http://@example.com", "http://a@b@example.com"),
        *("http://example.com:0", "http://example.com:65536", "http://example.com:x", "http://example.com:-1"),
        *("http://exa mple.com", "http://example.com/\r\nX: y", "http://example.com\\@127.0.0.1", "http://[::1", "http://]"),
        *("\thttp://example.com", "http://example.com/" + "a" * 2048, "http://example.com\uff0f@127.0.0.1"),
    ],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    with pytest.raises(UnsafeAddressError):
        PUBLIC_ONLY.check_url(url)


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "[::1]", "localhost", "[::ffff:127.0.0.1]"])
def test_an_allowed_network_is_allowed_in_every_notation(host: str) -> None:
    LOOPBACK.check_url(f"http://{host}:9000/hook")


@pytest.mark.parametrize("host", ["169.254.169.254", "2852039166", "[::ffff:a9fe:a9fe]", "[fe80::1]"])
def test_no_notation_leads_to_metadata_even_if_everything_is_allowed(host: str) -> None:
    with pytest.raises(UnsafeAddressError):
        EVERYTHING.check_url(f"http://{host}/latest")


@given(st.text(max_size=60), st.sampled_from(["", "http://", "https://", "http://[", "http://1"]))
def test_no_text_at_all_breaks_the_check(text: str, start: str) -> None:
    with suppress(UnsafeAddressError):
        PUBLIC_ONLY.check_url(start + text)


@given(st.integers(min_value=0x7F000000, max_value=0x7FFFFFFF))
def test_every_spelling_of_a_loopback_address_is_refused(value: int) -> None:
    a, b, c, d = value.to_bytes(4, "big")
    for host in (
        str(value),
        hex(value),
        f"0{value:o}",
        f"{a}.{value & 0xFFFFFF}",
        f"{a:#x}.{b:#o}.{c}.{d}".replace("0o", "0"),
    ):
        with pytest.raises(UnsafeAddressError):
            PUBLIC_ONLY.check_url(f"http://{host}/")
