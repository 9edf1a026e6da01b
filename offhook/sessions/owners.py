"""Reaching the processes that hold calls, for whoever ends runs."""

from dataclasses import dataclass

from offhook.ids import new_uuid
from offhook.runs.model import Run
from offhook.sessions.commands import End
from offhook.sessions.mailbox import Commander


@dataclass(frozen=True, slots=True)
class MailedOwners:
    """Implements Owners by their mailboxes."""

    commander: Commander

    def end(self, run: Run) -> None:
        self.commander.send(run, End(id=new_uuid()))
