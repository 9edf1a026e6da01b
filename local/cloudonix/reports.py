"""What the carrier tells a domain's owner of a call: status callbacks in either vocabulary, and a CDR at the end."""

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


class Reporter:
    """Posts about one call, as far as its faults let it."""

    def __init__(
        self, dial: Dial, record: CallRecord, callbacks: Callbacks, profile: DomainProfile, reports: Reports
    ) -> None:
        self._dial = dial
        self._record = record
        self._callbacks = callbacks
        self._profile = profile
        self._reports = reports

    def describe(self, status: SessionStatus) -> JsonObject:
        """Return the session as the REST API shows it."""
        return {
            "token": self._record.token,
            "domain": self._dial.domain,
            "direction": self._dial.direction.value,
            "callerId": self._dial.caller,
            "destination": self._dial.called,
            "status": status.value,
            "timeLimit": None,
            "callback": self._dial.callback,
            "callStartTime": self._record.started_ms,
            "callAnswerTime": self._record.answered_ms,
            "callEndTime": self._record.ended_ms,
        }

    def tell(self, status: SessionStatus) -> None:
        """Post that the call has come to this, and its CDR when that is the end."""
        if self._reports not in (Reports.NONE, Reports.CDR_ONLY):
            self._post_status(status)
        if status in _DISPOSITIONS and self._reports is not Reports.NONE:
            self._post(self._profile.cdr_url, self._cdr(status))

    def _post_status(self, status: SessionStatus) -> None:
        if self._reports is Reports.OTHER_WORDS:
            self._callbacks.post(self._dial.callback, self._in_other_words(status), is_form=True)
            return
        body = self.describe(status) | {"duration": self._record.billed_seconds}
        self._post(self._dial.callback, body)

    def _post(self, url: str | None, body: JsonObject) -> None:
        for _ in range(2 if self._reports is Reports.TWICE else 1):
            self._callbacks.post(url, body)

    def _in_other_words(self, status: SessionStatus) -> JsonObject:
        return {
            "CallSid": self._record.call_sid,
            "CallStatus": OTHER_WORDS[status],
            "CallDuration": self._record.billed_seconds,
            "From": self._dial.caller,
            "To": self._dial.called,
            "Direction": self._dial.direction.value,
            "Session": self._record.token,
            "Domain": self._dial.domain,
        }

    def _cdr(self, status: SessionStatus) -> JsonObject:
        session = self.describe(status)
        return {
            "call_id": self._record.call_sid,
            "domain": self._dial.domain,
            "from": self._dial.caller,
            "to": self._dial.called,
            "disposition": _DISPOSITIONS[status],
            "duration": self._record.duration_seconds,
            "billsec": self._record.billed_seconds,
            "application": self._dial.url,
            "route": None,
            "session": session,
        }
