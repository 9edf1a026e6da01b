"""What the carrier tells a domain's owner of a call: status callbacks in either vocabulary, and a CDR at the end."""

from dataclasses import dataclass

from local.cloudonix.callbacks import Callbacks
from local.cloudonix.dial import CallRecord, Dial, SessionStatus
from local.cloudonix.domain import DomainProfile
from local.people.scripts import Reports
from offhook.json_types import JsonObject

# The words of CXML requests, for those of sessions.
OTHER_WORDS = {
    SessionStatus.INITIATED: "queued",
    SessionStatus.RINGING: "ringing",
    SessionStatus.ANSWERED: "in-progress",
    SessionStatus.COMPLETED: "completed",
    SessionStatus.BUSY: "busy",
    SessionStatus.NO_ANSWER: "no-answer",
    SessionStatus.CANCELED: "canceled",
    SessionStatus.FAILED: "failed",
    SessionStatus.CONGESTION: "failed",
}
_DISPOSITIONS = {
    SessionStatus.COMPLETED: "ANSWER",
    SessionStatus.BUSY: "BUSY",
    SessionStatus.NO_ANSWER: "NOANSWER",
    SessionStatus.CANCELED: "CANCEL",
    SessionStatus.FAILED: "FAILED",
    SessionStatus.CONGESTION: "CONGESTION",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Posts about one call, as far as its faults let it."""

    dial: Dial
    record: CallRecord
    callbacks: Callbacks
    profile: DomainProfile
    reports: Reports

    def describe(self, status: SessionStatus) -> JsonObject:
        """Return the session as the REST API shows it."""
        return {
            "token": self.record.token,
            "domain": self.dial.domain,
            "direction": self.dial.direction.value,
            "callerId": self.dial.caller,
            "destination": self.dial.called,
            "status": status.value,
            "timeLimit": None,
            "callback": self.dial.callback,
            "callStartTime": self.record.started_ms,
            "callAnswerTime": self.record.answered_ms,
            "callEndTime": self.record.ended_ms,
        }

    def tell(self, status: SessionStatus) -> None:
        """Post that the call has come to this, and its CDR when that is the end."""
        if self.reports not in (Reports.NONE, Reports.CDR_ONLY):
            self._post_status(status)
        if status in _DISPOSITIONS and self.reports is not Reports.NONE:
            self._post(self.profile.cdr_url, self._cdr(status))

    def _post_status(self, status: SessionStatus) -> None:
        if self.reports is Reports.OTHER_WORDS:
            self.callbacks.post(self.dial.callback, self._in_other_words(status), is_form=True)
            return
        body = self.describe(status) | {"duration": self.record.billed_seconds}
        self._post(self.dial.callback, body)

    def _post(self, url: str | None, body: JsonObject) -> None:
        for _ in range(2 if self.reports is Reports.TWICE else 1):
            self.callbacks.post(url, body)

    def _in_other_words(self, status: SessionStatus) -> JsonObject:
        return {
            "CallSid": self.record.call_sid,
            "CallStatus": OTHER_WORDS[status],
            "CallDuration": self.record.billed_seconds,
            "From": self.dial.caller,
            "To": self.dial.called,
            "Direction": self.dial.direction.value,
            "Session": self.record.token,
            "Domain": self.dial.domain,
        }

    def _cdr(self, status: SessionStatus) -> JsonObject:
        session = self.describe(status)
        return {
            "call_id": self.record.call_sid,
            "domain": self.dial.domain,
            "from": self.dial.caller,
            "to": self.dial.called,
            "disposition": _DISPOSITIONS[status],
            "duration": self.record.duration_seconds,
            "billsec": self.record.billed_seconds,
            "application": self.dial.url,
            "route": None,
            "session": session,
        }
