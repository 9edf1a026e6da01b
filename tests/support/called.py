"""What a carrier sees of the calls that it is asked for: whom, when, and how many at the same time."""

from collections import Counter
from dataclasses import dataclass, field
from time import monotonic

from local.cloudonix import CarrierEvent, CloudonixSimulator, SessionStatus
from offhook.errors import NotFoundError

_LIVE = (SessionStatus.INITIATED, SessionStatus.RINGING, SessionStatus.ANSWERED)


@dataclass(slots=True)
class Called:
    """Kept by the carrier itself, so that nothing of the install can hide a call."""

    dials: list[tuple[float, str]] = field(default_factory=list)
    most_at_once: int = 0
    _live: dict[str, str] = field(default_factory=dict)
    _carrier: CloudonixSimulator | None = None

    def watch(self, carrier: CloudonixSimulator) -> None:
        self._carrier = carrier

    def on_event(self, token: str, event: CarrierEvent) -> None:
        """Take what the carrier tells of a call, by its token."""
        if not isinstance(event, SessionStatus):
            return
        if event not in _LIVE:
            self._live.pop(token, None)
        elif token not in self._live:
            self._begin(token)

    @property
    def times(self) -> Counter[str]:
        """How often each number was dialled."""
        return Counter(number for _, number in self.dials)

    @property
    def live(self) -> list[str]:
        """Whose phones ring or are talked on now."""
        return list(self._live.values())

    def since(self, instant_s: float) -> list[str]:
        """Return who was dialled after this instant of the monotonic clock."""
        return [number for at_s, number in self.dials if at_s > instant_s]

    def _begin(self, token: str) -> None:
        session = self._carrier.remember(token) if self._carrier else None
        if session is None:
            raise NotFoundError("The carrier tells of a call that it does not know.")
        self._live[token] = session.dial.called
        self.dials.append((monotonic(), session.dial.called))
        self.most_at_once = max(self.most_at_once, len(self._live))
