"""How the carrier speaks: letters of a line for each thing to do, and reports that name a bird."""

import hmac
from typing import assert_never

from offhook.runs.carrier.dialect import Fields, Headers, WebhookExamples
from offhook.runs.carrier.reports import CallAnnouncement, Cdr, TransferReport
from offhook.runs.carrier.streams import StreamDialect
from offhook.runs.model import RunStatus, TransferStatus
from offhook.telephony.credentials import CredentialFields
from offhook.telephony.instructions import (
    AnnounceAndJoin,
    ComeBack,
    HangUp,
    Instruction,
    JoinRoom,
    OpenStream,
    PlayDigits,
    PutThrough,
)

PROVIDER, LETTER = "pigeon", "text/x-pigeon-letter"
CREDENTIALS = CredentialFields(
    provider=PROVIDER,
    title="Pigeon",
    account="loft",
    account_description="The loft that the pigeons come home to.",
    account_pattern="^[A-Za-z0-9-]+$",
    normalise_account=str.lower,
    secrets=("ring", "seal"),
    webhook_key="whistle",
    example={"loft": "home", "ring": "silver-ring-0001", "seal": "red-wax-seal-0001"},
)
_JSON = "application/json"
_STATUS = {"flying": RunStatus.RINGING, "shot": RunStatus.FAILED, "home": RunStatus.COMPLETED}
_TRANSFER = {
    "there": TransferReport(status=TransferStatus.ANSWERED),
    "together": TransferReport(status=TransferStatus.JOINED),
    "home": TransferReport(status=TransferStatus.COMPLETED, awaits_instruction=True),
    "lost": TransferReport(status=TransferStatus.FAILED, reason="no-answer", awaits_instruction=True),
}


class PigeonDialect:
    """Implements Dialect."""

    provider = PROVIDER
    language = "pigeon letter"
    media_type = LETTER
    credentials = CREDENTIALS
    examples = WebhookExamples(
        announcement={_JSON: {"loft": "home", "bird": "bird-1", "for": "+12025550100"}},
        status={_JSON: {"bird_is": "flying"}},
        transfer={_JSON: {"bird_is": "home"}},
        cdr={_JSON: {"loft": "home", "bird": "bird-1", "bird_is": "home"}},
    )
    streams: StreamDialect | None = None

    def write(self, instruction: Instruction) -> str:
        return write_letter(instruction)

    def recognises(self, headers: Headers, fields: Fields) -> bool:
        return "loft" in fields

    def shows_key(self, headers: Headers, key: str) -> bool:
        return hmac.compare_digest(headers.get("whistle", "").encode(), key.encode())

    def read_announcement(self, fields: Fields) -> CallAnnouncement:
        return CallAnnouncement(
            account=_text(fields, "loft"),
            call_id=_text(fields, "bird"),
            is_for_us=True,
            caller_number=_text(fields, "of"),
            called_numbers=(_text(fields, "for") or "",),
        )

    def read_status(self, fields: Fields) -> RunStatus | None:
        return _STATUS.get(_text(fields, "bird_is") or "")

    def read_transfer(self, fields: Fields) -> TransferReport:
        return _TRANSFER.get(_text(fields, "bird_is") or "", TransferReport(status=None))

    def read_cdr(self, fields: Fields) -> Cdr:
        return Cdr(
            account=_text(fields, "loft"), call_id=_text(fields, "bird"), status=self.read_status(fields)
        )


def write_letter(instruction: Instruction) -> str:
    """Return what the carrier is to do, a line for each."""
    match instruction:
        case OpenStream():
            return f"sing to {instruction.url}\nthen ask {instruction.continue_url}"
        case PutThrough():
            return f"fetch {instruction.called_number}\ntell {instruction.result_url}"
        case AnnounceAndJoin():
            return f"read {instruction.summary}\nwait in {instruction.room}"
        case JoinRoom():
            return f"wait in {instruction.room}\nthen ask {instruction.continue_url}"
        case PlayDigits():
            return f"peck {instruction.digits}\nthen ask {instruction.continue_url}"
        case ComeBack():
            return f"then ask {instruction.continue_url}"
        case HangUp():
            return f"read {instruction.sentence}\nrest" if instruction.sentence else "rest"
        case _:
            assert_never(instruction)


def _text(fields: Fields, name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) else None
