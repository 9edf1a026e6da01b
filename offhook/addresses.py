"""Which addresses of tenants we talk to: public ones, and what the operator allows beside them."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_network,
)
from urllib.parse import SplitResult, urlsplit

from offhook.errors import InvalidInputError

MAX_URL_CHARACTERS = 2048

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class UnsafeAddressError(InvalidInputError):
    """The address leads to where a tenant must not send us; its text is not repeated, it may hold a token."""

    code = "address-not-allowed"


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)


# Whoever reaches these from inside a cloud gets the credentials of the machine.
_NEVER = _networks(
    "169.254.0.0/16",
    "fe80::/10",
    "fd00:ec2::/32",
    "fd20:ce::254/128",
    "100.100.100.200/32",
    "168.63.129.16/32",
    "192.0.0.192/32",
)
# The registries of special addresses of IANA; written out, since what Python calls global differs by version.
_NOT_PUBLIC = _networks(
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "2001::/23",
    "2001:db8::/32",
    "3fff::/20",
)
_PUBLIC = _networks("0.0.0.0/0", "2000::/3", "64:ff9b::/96")

_MAPPED = IPv6Network("::ffff:0:0/96")
_COMPATIBLE = IPv6Network("::/96")
_TRANSLATED = IPv6Network("::ffff:0:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
_NUMBER = re.compile(r"0x(?P<hexadecimal>[0-9a-f]*)|0(?P<octal>[0-7]*)|(?P<decimal>[1-9][0-9]*)")
_LIKE_A_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LOOPBACKS = (IPv4Address("127.0.0.1"), IPv6Address("::1"))


class AddressPolicy:
    """Says where requests for tenants may go. `allowed_networks` are CIDR texts beside the public addresses."""

    def __init__(self, allowed_networks: Sequence[str] = ()) -> None:
        self._allowed = tuple(_network(text.strip()) for text in allowed_networks if text.strip())

    @classmethod
    def from_setting(cls, text: str) -> "AddressPolicy":
        """Read networks that are separated by commas; raise InvalidInputError with a sentence."""
        return cls(text.split(","))

    def allows(self, address: Address) -> bool:
        """Say whether a request may go to this address: it, and each IPv4 address that it carries."""
        if isinstance(address, IPv6Address) and address in _MAPPED:
            return self._allows_itself(_last_bits(address))
        return all(map(self._allows_itself, [address, *_carried(address)]))

    def check_url(self, url: str) -> None:
        """Raise UnsafeAddressError for what can never be allowed.

        That is another scheme than http and https, a user name in it, no host, or a host that is written as an
        address which is not allowed, in whatever notation.
        """
        parts = _split(url)
        if parts.scheme not in ("http", "https"):
            raise unsafe("The address must begin with https:// or http://.")
        if "@" in parts.netloc:
            raise unsafe("The address must hold no user name and no password.")
        host = _plain_host(parts)
        meant = _addresses_meant(host)
        if meant and not any(map(self.allows, meant)):
            raise unsafe()

    def _allows_itself(self, address: Address) -> bool:
        if _is_in(address, _NEVER):
            return False
        return _is_public(address) or _is_in(address, self._allowed)


def unsafe(
    sentence: str = "The address must be one of the public Internet, or in a network that the operator allows.",
) -> UnsafeAddressError:
    """Return the refusal of an address that a caller gave us."""
    return UnsafeAddressError.at(msg=sentence)


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError:
        raise InvalidInputError(
            "An allowed network is written like 10.1.0.0/16 or fd12::/16, with no address bits after the prefix; "
            "separate several by commas in OFFHOOK_ALLOWED_NETWORKS."
        ) from None


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


def _is_public(address: Address) -> bool:
    return _is_in(address, _PUBLIC) and not _is_in(address, _NOT_PUBLIC)


def _carried(address: Address) -> Iterator[IPv4Address]:
    """Yield the IPv4 addresses that a gateway may take an IPv6 address for."""
    if isinstance(address, IPv4Address):
        return
    if address in _COMPATIBLE and int(address) > 1:
        yield _last_bits(address)
    if address in _TRANSLATED or address in _NAT64 or _is_isatap(address):
        yield _last_bits(address)
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if address in _LOCAL_NAT64:
        yield from _of_local_nat64(address)


def _last_bits(address: IPv6Address) -> IPv4Address:
    return IPv4Address(address.packed[-4:])


def _is_isatap(address: IPv6Address) -> bool:
    return address.packed[8:12] in (b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe")


def _of_local_nat64(address: IPv6Address) -> Iterator[IPv4Address]:
    """Yield what stands after a prefix of 48 bits, around the reserved octet of RFC 6052, and of 96 bits."""
    packed = address.packed
    for inside in (packed[6:8] + packed[9:11], packed[12:16]):
        if any(inside):
            yield IPv4Address(inside)


def _split(url: str) -> SplitResult:
    # What parsers skip or read in two ways is refused, so that no two of them see different hosts.
    if len(url) > MAX_URL_CHARACTERS or re.search(r"[\x00-\x20\x7f\\]", url):
        raise unsafe(
            f"The address must have at most {MAX_URL_CHARACTERS} characters, and no space among them."
        )
    try:
        parts = urlsplit(url)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole:
        raise unsafe("The address must be a whole one, such as https://hooks.example.com/offhook.")
    return parts


def _plain_host(parts: SplitResult) -> str:
    """Return the host with the look-alikes that name resolution takes for digits, letters and dots replaced."""
    text = unicodedata.normalize("NFKC", parts.hostname or "").replace("\u3002", ".")
    plain = "".join(each for each in text if unicodedata.category(each) not in ("Cf", "Mn"))
    # A host in percent signs is decoded by some and not by others; a zone only means something on one machine.
    if "%" in plain:
        raise unsafe()
    return plain.casefold().rstrip(".")


def _addresses_meant(host: str) -> tuple[Address, ...]:
    """Return the addresses that a host is another way of writing; none for an ordinary name."""
    if host == "localhost" or host.endswith(".localhost"):
        return _LOOPBACKS
    if ":" in host:
        return (_ipv6(host),)
    if not host:
        raise unsafe()
    numbers = host.split(".")
    # RFC 952: no name ends in a number, so this is an address, if only a misspelt one.
    if _LIKE_A_NUMBER.fullmatch(numbers[-1]):
        return (_ipv4_of(numbers),)
    return ()


def _ipv4_of(numbers: Sequence[str]) -> IPv4Address:
    """Read 1 to 4 numbers as inet_aton does: decimal, octal (0…) or hexadecimal (0x…), the last one fills up."""
    *leading, last = map(_value, numbers)
    if len(leading) > 3 or any(value > 255 for value in leading) or last >= 256 ** (4 - len(leading)):
        raise unsafe()
    return IPv4Address(sum(value << 24 - 8 * place for place, value in enumerate(leading)) + last)


def _value(text: str) -> int:
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise unsafe()
    if match["hexadecimal"] is not None:
        return int(match["hexadecimal"] or "0", 16)
    return int(match["octal"] or "0", 8) if match["decimal"] is None else int(match["decimal"])


def _ipv6(text: str) -> IPv6Address:
    try:
        return IPv6Address(text)
    except ValueError:
        raise unsafe() from None
