"""Who may use the simulated carrier's REST API, and how often."""

import hmac
from collections import deque
from collections.abc import Callable, Mapping

from fastapi import HTTPException, Request

from offhook.adapters.cloudonix.credentials import normalise_domain

REQUESTS_PER_WINDOW = 10
WINDOW_SECONDS = 10.0


class Doorkeeper:
    """Checks the bearer token of a domain, then its rate: ten requests in ten seconds."""

    def __init__(self, accounts: Mapping[str, str], *, clock: Callable[[], float]) -> None:
        self._tokens = {normalise_domain(domain): token for domain, token in accounts.items()}
        self._clock = clock
        self._requests: dict[str, deque[float]] = {domain: deque() for domain in self._tokens}

    async def admit(self, domain: str, request: Request) -> None:
        """Let a request of a domain in, or raise HTTPException."""
        await self.recognise(domain, request)
        self._count(normalise_domain(domain))

    async def recognise(self, domain: str, request: Request) -> None:
        """Let a request with the domain's token in, however many there are; or raise HTTPException."""
        expected = self._tokens.get(normalise_domain(domain), "")
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not expected or not hmac.compare_digest(expected.encode(), given.encode()):
            raise HTTPException(401, "Unauthorized")

    def _count(self, domain: str) -> None:
        now, times = self._clock(), self._requests[domain]
        while times and times[0] <= now - WINDOW_SECONDS:
            times.popleft()
        if len(times) >= REQUESTS_PER_WINDOW:
            wait_seconds = max(1, round(times[0] + WINDOW_SECONDS - now + 0.5))
            raise too_many(wait_seconds)
        times.append(now)


def too_many(wait_seconds: int) -> HTTPException:
    """Return the refusal of one request too many."""
    return HTTPException(429, "Too many requests", headers={"Retry-After": str(wait_seconds)})
