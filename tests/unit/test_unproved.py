"""Where a socket comes from: what proxies say, and what counts as one site."""

import pytest

from streamer.sockets.unproved import forwarded_network, network_of


@pytest.mark.parametrize(
    ("forwarded_for", "proxies", "network"),
    [
        ("", 0, None),
        ("", 1, None),
        ("192.0.2.1", 0, None),
        ("192.0.2.1", 1, "192.0.2.1"),
        ("made up, 192.0.2.1", 1, "192.0.2.1"),
        ("made up, 192.0.2.1, 198.51.100.7", 2, "192.0.2.1"),
        ("192.0.2.1", 2, None),
        ("192.0.2.1, ", 1, None),
        ("192.0.2.1,2001:db8:1:2:3:4:5:6", 1, "2001:db8:1:2::/64"),
    ],
)
def test_the_outermost_of_our_proxies_is_believed(
    forwarded_for: str, proxies: int, network: str | None
) -> None:
    assert forwarded_network(forwarded_for, proxies) == network


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
    ],
)
def test_half_of_an_ipv6_address_is_a_site(address: str, network: str) -> None:
    assert network_of(address) == network
