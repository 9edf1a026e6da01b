"""The Carrier port over those of all providers, at the pace that each allows, shared by all processes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from offhook.adapters.carriers.by_provider import CarriersByProvider
from offhook.clock import Clock, system_clock
from offhook.errors import CarrierError, StorageError
from offhook.telephony.instructions import Instruction
from offhook.telephony.pace import RequestKind
from offhook.telephony.ports import CarrierAccount, DialPace, DialRequest

CHECK_PATIENCE_S = 3.0
"""How long a function waits for a place, while the carrier waits for its answer."""


class PacedCarrier:
    """Implements Carrier: each account's own is asked. Checks wait for a place, hang-ups and switches never, but take one.

    Who dials takes the place for it, unless this one `paces_dials`: a dial waits like a check then, and leaves room for
    hang-ups. What finds no place within `patience_s` raises CarrierError `carrier-busy`, as the carrier itself would have
    us wait. Unproved ids never wait.
    """

    def __init__(
        self,
        carriers: CarriersByProvider,
        pace: DialPace,
        *,
        clock: Clock = system_clock,
        patience_s: float = 0,
        paces_dials: bool = False,
    ) -> None:
        self._carriers = carriers
        self._pace = pace
        self._clock = clock
        self._patience_s = patience_s
        self._paces_dials = paces_dials

    def close(self) -> None:
        self._carriers.close()

    def dial(self, account: CarrierAccount, request: DialRequest) -> str:
        if self._paces_dials:
            self._take_place(account, RequestKind.DIAL)
        return self._carriers.of(account).dial(account, request)

    def hang_up(self, account: CarrierAccount, call_id: str) -> None:
        with self._noted(account):
            self._carriers.of(account).hang_up(account, call_id)

    def is_live(self, account: CarrierAccount, call_id: str, *, is_proved: bool = True) -> bool:
        self._take_place(account, RequestKind.CHECK if is_proved else RequestKind.UNPROVED)
        is_live = self._carriers.of(account).is_live(account, call_id, is_proved=is_proved)
        if is_live and not is_proved:
            with suppress(StorageError):
                self._pace.give_back(account.pace_name, self._clock())
        return is_live

    def switch(self, account: CarrierAccount, call_id: str, instruction: Instruction) -> None:
        with self._noted(account):
            self._carriers.of(account).switch(account, call_id, instruction)

    def has_number(self, account: CarrierAccount, address: str) -> bool:
        self._take_place(account)
        # It may be written in two ways there, and then two requests are made.
        with self._noted(account):
            return self._carriers.of(account).has_number(account, address)

    def verify(self, account: CarrierAccount) -> None:
        self._take_place(account)
        self._carriers.of(account).verify(account)

    def _take_place(self, account: CarrierAccount, kind: RequestKind = RequestKind.CHECK) -> None:
        # A thread for each stranger who waits would be a thread less for everybody else.
        deadline_s = time.monotonic() + (0 if kind is RequestKind.UNPROVED else self._patience_s)
        while wait_seconds := self._wait_seconds(account, kind):
            if time.monotonic() + wait_seconds > deadline_s:
                raise CarrierError(
                    "The carrier is asked as often as it allows at the moment: try again after the time in Retry-After.",
                    retry_after_seconds=wait_seconds,
                    code="carrier-busy",
                )
            time.sleep(wait_seconds)

    def _wait_seconds(self, account: CarrierAccount, kind: RequestKind) -> int:
        try:
            return self._pace.wait_seconds(account.pace_name, self._clock(), kind)
        except StorageError:
            # The carrier counts too; a call must not fail because we can't.
            return 0

    @contextmanager
    def _noted(self, account: CarrierAccount) -> Iterator[None]:
        try:
            yield
        finally:
            with suppress(StorageError):
                self._pace.note(account.pace_name, self._clock())
