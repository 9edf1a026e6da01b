"""The carrier itself: its calls are birds, and what it is told lies there to be read."""

from collections.abc import Iterator
from itertools import count

from offhook.errors import CarrierError
from offhook.telephony.instructions import Instruction
from offhook.telephony.ports import CALL_GONE, CarrierAccount, DialRequest
from tests.support.pigeon.dialect import write_letter

SECRETS = {"ring": "silver-ring-of-the-loft", "seal": "red-wax-seal-of-the-loft"}


class Loft:
    """Implements Carrier; `letters` are those of each living bird, `sent` the dials."""

    def __init__(self) -> None:
        self._numbers: Iterator[int] = count(1)
        self.letters: dict[str, list[str]] = {}
        self.sent: list[DialRequest] = []
        self.numbers = {"+12025550100"}

    def take_in(self) -> str:
        """Let a call come in; return its id."""
        bird = f"bird-{next(self._numbers)}"
        self.letters[bird] = []
        return bird

    def close(self) -> None:
        """Nothing is open."""

    def dial(self, account: CarrierAccount, request: DialRequest) -> str:
        self.verify(account)
        self.sent.append(request)
        bird = self.take_in()
        self.letters[bird].append(write_letter(request.instruction))
        return bird

    def hang_up(self, account: CarrierAccount, call_id: str) -> None:
        self.verify(account)
        self.letters.pop(call_id, None)

    def is_live(self, account: CarrierAccount, call_id: str, *, is_proved: bool = True) -> bool:
        self.verify(account)
        return call_id in self.letters

    def switch(self, account: CarrierAccount, call_id: str, instruction: Instruction) -> None:
        if not self.is_live(account, call_id):
            raise CarrierError("The bird has flown.", code=CALL_GONE)
        self.letters[call_id].append(write_letter(instruction))

    def has_number(self, account: CarrierAccount, address: str) -> bool:
        self.verify(account)
        return address in self.numbers

    def verify(self, account: CarrierAccount) -> None:
        if (account.provider, account.secrets) != ("pigeon", SECRETS):
            raise CarrierError("The loft does not know this ring.")


LOFT = Loft()
