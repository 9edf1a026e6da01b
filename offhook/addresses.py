"""Which addresses of tenants we talk to: public ones, and what the operator allows beside them."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address

from offhook.errors import InvalidInputError


class UnsafeAddressError(InvalidInputError):
    """The address leads to where a tenant must not send us; its text is not repeated, it may hold a token."""

    code = "address-not-allowed"


class AddressPolicy:
    """Says where requests for tenants may go. `allowed_networks` are CIDR texts beside the public addresses."""

    def __init__(self, allowed_networks: Sequence[str] = ()) -> None:
        self._allowed = tuple(allowed_networks)

    def allows(self, address: IPv4Address | IPv6Address) -> bool:
        """Say whether a request may go to this address."""
        raise NotImplementedError

    def check_url(self, url: str) -> None:
        """Raise UnsafeAddressError for what can never be allowed.

        That is another scheme than http and https, a user name in it, no host, or a host that is written as an
        address which is not allowed, in whatever notation.
        """
        raise NotImplementedError
