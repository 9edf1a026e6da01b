"""A machine that has taken the call, and how far the agent has come with it."""

from dataclasses import dataclass

from offhook.runs.end_reasons import EndReason
from offhook.vocabulary import AnsweredBy

_REASONS = {
    AnsweredBy.VOICEMAIL: EndReason.VOICEMAIL,
    AnsweredBy.SCREENING: EndReason.SCREENED,
    AnsweredBy.MENU: EndReason.MENU,
    AnsweredBy.NOT_IN_SERVICE: EndReason.NOT_IN_SERVICE,
}


@dataclass(slots=True, kw_only=True)
class Meeting:
    """What is being done about a machine that was met at `since_ms`.

    `tries` counts introductions and keys in the whole call, `messages` those that were begun; `disposition` is the
    settings' own.
    """

    kind: AnsweredBy
    since_ms: int
    tries: int = 0
    messages: int = 0
    disposition: str | None = None

    @property
    def reason(self) -> EndReason:
        """Why the call ends, if it ends here."""
        return _REASONS[self.kind]

    @property
    def outcome(self) -> str:
        """The disposition of a call that ends here."""
        return self.disposition or self.reason.disposition
