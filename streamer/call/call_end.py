"""How a call has ended."""

from dataclasses import dataclass

from offhook.runs.end_reasons import EndReason


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnd:
    """Why a call has ended, after how much of its audio, and with which disposition, if its workflow has named one."""

    reason: EndReason
    named_disposition: str | None
    duration_ms: int

    @property
    def disposition(self) -> str:
        """The disposition of the run."""
        return self.named_disposition or self.reason.disposition
