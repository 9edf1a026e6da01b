"""What the REST API drives."""

from typing import Protocol

from local.cloudonix.dial import CallRecord, Dial
from local.cloudonix.session import Session
from local.people.scripts import CallerScript


class Switchboard(Protocol):
    """The carrier's calls."""

    url: str
    """Where the carrier's own REST API answers."""

    def script_for(self, number: str) -> CallerScript:
        """Return who answers a number, and what goes wrong with it."""

    def place(self, dial: Dial) -> Session:
        """Start a call."""

    def call_in(self, dial: Dial, script: CallerScript, record: CallRecord | None = None) -> Session:
        """Let a person call a number."""

    def find(self, domain: str, token: str) -> Session | None:
        """Return a call that has not ended."""

    def remember(self, token: str) -> Session | None:
        """Return a call, also one that ended a short while ago, whatever its domain."""

    async def hold(self) -> None:
        """Wait for longer than anybody does, but not beyond the carrier's end."""
