"""The sockets that have not proved to be calls: bounded, and shared fairly between the networks that they come from."""

from ipaddress import IPv6Address, IPv6Network, ip_address

from streamer.sockets.media_socket import MediaSocket

_REASON = "Too many sockets wait here for a call to begin, try again"
_SITE_BITS = 64


class Unproved:
    """So many sockets at most; a newcomer always gets in, for which the oldest of the greediest network goes.

    An honest handshake takes a fraction of a second, so it is never the oldest of hundreds, not even when everybody's
    sockets come from one address, that of a load balancer.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._networks: dict[MediaSocket, str] = {}
        self._sockets: dict[str, dict[MediaSocket, None]] = {}

    def __len__(self) -> int:
        return len(self._networks)

    def add(self, socket: MediaSocket, network: str) -> None:
        """Count a socket for this network, and no more for another."""
        self.remove(socket)
        if len(self._networks) >= self._most:
            self._evict()
        self._networks[socket] = network
        self._sockets.setdefault(network, {})[socket] = None

    def remove(self, socket: MediaSocket) -> None:
        """Count a socket no more."""
        network = self._networks.pop(socket, None)
        if network is None:
            return
        sockets = self._sockets[network]
        del sockets[socket]
        if not sockets:
            del self._sockets[network]

    def dismiss(self) -> None:
        """Have go who has not even sent a request, for the process stops."""
        for socket in tuple(self._networks):
            if not socket.is_open:
                socket.evict(_REASON)

    def _evict(self) -> None:
        greediest = max(self._sockets.values(), key=len)
        oldest = next(iter(greediest))
        self.remove(oldest)
        oldest.evict(_REASON)


def network_of(address: str) -> str:
    """Return what is one site's: an IPv4 address, or the half of an IPv6 address that a site is given."""
    try:
        read = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    return str(IPv6Network((read, _SITE_BITS), strict=False)) if isinstance(read, IPv6Address) else str(read)


def forwarded_network(forwarded_for: str, proxies: int) -> str | None:
    """Return the network that the outermost of our proxies saw; None where no proxy is trusted, or one said nothing.

    Each proxy adds at the end where its request came from, so what a peer made up stands before that.
    """
    seen = [address.strip() for address in forwarded_for.split(",")]
    if proxies < 1 or len(seen) < proxies or not seen[-proxies]:
        return None
    return network_of(seen[-proxies])
