"""How fast new sockets may come from each network, since every handshake takes a millisecond from the calls."""

import asyncio

MOST_PER_SECOND = 300
"""From one network: no more than a third of a core, and more than all calls of a lost streamer that come back at once."""

_MOST_KEPT = 10_000


class Newcomers:
    """Counts those who come; a network that was quiet for a second may come with a second's worth at once."""

    def __init__(self, per_second: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._per_second = per_second
        # When what each network has had is used up; in the order of their coming.
        self._busy_until_s: dict[str, float] = {}

    def may_come(self, network: str) -> bool:
        """Count somebody of this network; False for one too many, who is not counted."""
        now_s = self._loop.time()
        due_s = max(now_s, self._busy_until_s.pop(network, now_s))
        if len(self._busy_until_s) >= _MOST_KEPT:
            del self._busy_until_s[next(iter(self._busy_until_s))]
        is_early = due_s >= now_s + 1
        self._busy_until_s[network] = due_s if is_early else due_s + 1 / self._per_second
        return not is_early
