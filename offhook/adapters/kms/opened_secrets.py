"""Remembers opened secrets for a few minutes, in the memory of this process alone."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock
from time import monotonic

REMEMBERED_SECONDS = 300.0
MAX_SECRETS = 256

_Name = tuple[str, tuple[tuple[str, str], ...]]


class OpenedSecrets:
    """Secrets by sealed text and context; the oldest give way to new ones. Safe to share between threads."""

    def __init__(self, *, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._secrets: OrderedDict[_Name, tuple[float, str]] = OrderedDict()

    def find(self, sealed: str, context: Mapping[str, str]) -> str | None:
        """Return the secret if it was remembered, for this very context, within the last minutes."""
        with self._lock:
            self._forget_old()
            found = self._secrets.get(_name(sealed, context))
            return None if found is None else found[1]

    def remember(self, sealed: str, context: Mapping[str, str], secret: str) -> None:
        name = _name(sealed, context)
        with self._lock:
            # Behind all others, which are older.
            self._secrets.pop(name, None)
            self._secrets[name] = (self._clock() + REMEMBERED_SECONDS, secret)
            while len(self._secrets) > MAX_SECRETS:
                self._secrets.popitem(last=False)

    def _forget_old(self) -> None:
        now = self._clock()
        while self._secrets and next(iter(self._secrets.values()))[0] <= now:
            self._secrets.popitem(last=False)


def _name(sealed: str, context: Mapping[str, str]) -> _Name:
    return sealed, tuple(sorted(context.items()))
