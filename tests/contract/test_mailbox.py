"""Letters on their way to the processes that own calls, and what becomes of those who send them."""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from offhook.adapters.dynamodb.sessions.mailbox import DynamoMailbox
from offhook.adapters.dynamodb.store import Store
from offhook.errors import (
    ConflictError,
    LimitReachedError,
    OffhookError,
    StorageError,
    UnansweredError,
)
from offhook.runs.model import Ownership, Run, RunStatus
from offhook.sessions.commands import Command, Inject, Interrupt, Refusal
from offhook.sessions.mailbox import (
    MOST_OF_OWNER,
    MOST_OF_RUN,
    MOST_OF_SENDER,
    Commander,
    Letter,
    LetterStatus,
    Mailbox,
)
from offhook.settings import Settings
from tests.support.dynamodb_requests import requests
from tests.support.makers import make_run

START = datetime(2026, 11, 20, 12, 0, 7, 123456, tzinfo=UTC)


@pytest.fixture
def owner() -> str:
    return f"streamer-{secrets.token_hex(6)}"


def letter(owner: str, id_: str = "c1", **changes: object) -> Letter:
    made = Letter(
        owner=owner, run_id=4711, id=id_, command=Inject(id=id_, text="Hello"), sender="key-1", sent_at=START
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_letters_wait_for_their_owner_alone_in_the_order_of_their_sending(store: Store, owner: str) -> None:
    first, second = letter(owner, "c2"), letter(owner, "c1", sent_at=START + timedelta(milliseconds=1))
    for each in (second, first, letter(f"{owner}x")):
        store.mailbox.put(each)
    assert store.mailbox.waiting(owner) == [first, second]


def test_a_letter_that_is_sent_again_is_the_same_letter(store: Store, owner: str) -> None:
    store.mailbox.put(letter(owner))
    assert store.mailbox.claim(letter(owner))
    store.mailbox.put(letter(owner))
    assert store.mailbox.get(letter(owner)).status is LetterStatus.CLAIMED
    assert store.mailbox.waiting(owner) == []


def test_of_many_who_claim_or_cancel_one_succeeds(store: Store, owner: str) -> None:
    sent = letter(owner)
    store.mailbox.put(sent)
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda act: act(sent), (store.mailbox.claim, store.mailbox.cancel) * 4))
    assert won.count(True) == 1


def test_the_answer_of_a_claimed_letter_can_be_read(store: Store, owner: str) -> None:
    done, refused = letter(owner, "c1"), letter(owner, "c2")
    for each in (done, refused):
        store.mailbox.put(each)
        assert store.mailbox.claim(each)
    refusal = Refusal(code="call-ending", detail="The call is about to end.")
    store.mailbox.acknowledge(done, None)
    store.mailbox.acknowledge(refused, refusal)
    assert store.mailbox.get(done) == replace(done, status=LetterStatus.DONE)
    assert store.mailbox.get(refused) == replace(refused, status=LetterStatus.REFUSED, refusal=refusal)


def test_a_cancelled_letter_is_gone(store: Store, owner: str) -> None:
    store.mailbox.put(letter(owner))
    assert store.mailbox.cancel(letter(owner))
    assert not store.mailbox.claim(letter(owner))
    with pytest.raises(ConflictError) as caught:
        store.mailbox.get(letter(owner))
    assert caught.value.code == "not-claimed"


def test_a_command_of_a_newer_release_is_a_letter_without_a_command(
    store: Store, storage_settings: Settings, owner: str
) -> None:
    store.mailbox.put(letter(owner))
    boto3.client("dynamodb").update_item(
        TableName=storage_settings.runs_table,
        Key={"pk": {"S": f"MAIL#{owner}"}, "sk": {"S": "c1"}},
        UpdateExpression="SET command = :sing",
        ExpressionAttributeValues={":sing": {"S": '{"type":"sing","id":"c1"}'}},
    )
    (found,) = store.mailbox.waiting(owner)
    assert found.command is None


def test_looking_for_letters_is_one_query(store: Store, owner: str) -> None:
    with requests(store) as made:
        store.mailbox.waiting(owner)
    assert made == ["Query"]


# --- who sends ---


@dataclass
class Sending:
    """A sender whose waiting takes no time, and an owner that does something once so much has been waited."""

    store: Store
    run: Run
    after: timedelta = timedelta()
    do: Callable[[Letter], None] = lambda _letter: None
    now: datetime = START
    has_done: bool = field(default=False, init=False)

    def send(self, command: Command, sender: str = "") -> None:
        Commander(self.store.mailbox, lambda: self.now, self.wait).send(self.run, command, sender=sender)

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        if not self.has_done and self.now >= START + self.after:
            for each in self.store.mailbox.waiting(self.owner):
                self.has_done = True
                self.do(each)

    @property
    def owner(self) -> str:
        assert self.run.ownership
        return self.run.ownership.owner


def owned(organization_id: str, owner: str) -> Run:
    ownership = Ownership(owner=owner, epoch=1, lease_until=START)
    return make_run(organization_id, id=4711, status=RunStatus.IN_PROGRESS, ownership=ownership)


def answer(mailbox: DynamoMailbox, refusal: Refusal | None = None) -> Callable[[Letter], None]:
    def act(sent: Letter) -> None:
        assert mailbox.claim(sent)
        mailbox.acknowledge(sent, refusal)

    return act


def claim(mailbox: Mailbox) -> Callable[[Letter], None]:
    def act(sent: Letter) -> None:
        assert mailbox.claim(sent)

    return act


def test_a_command_is_sent_once_it_is_acknowledged(store: Store, organization_id: str, owner: str) -> None:
    sending = Sending(store, owned(organization_id, owner), do=answer(DynamoMailbox(store.database)))
    sending.send(Interrupt(id="c1"))
    assert sending.has_done
    with pytest.raises(ConflictError, match="did not take"):
        store.mailbox.get(letter(owner))  # its answer was read, and nothing is left of it


def test_the_owner_s_refusal_is_the_sender_s_error(store: Store, organization_id: str, owner: str) -> None:
    refusal = Refusal(code="call-ending", detail="The call is about to end.")
    act = answer(DynamoMailbox(store.database), refusal)
    with pytest.raises(ConflictError) as caught:
        Sending(store, owned(organization_id, owner), do=act).send(Interrupt(id="c1"))
    assert (caught.value.code, caught.value.detail) == ("call-ending", "The call is about to end.")


@pytest.mark.parametrize(
    "run",
    [make_run("org", status=RunStatus.DIALING), make_run("org", status=RunStatus.COMPLETED)],
)
def test_nobody_is_told_where_nobody_has_the_call(store: Store, run: Run) -> None:
    with pytest.raises(ConflictError) as caught:
        Commander(store.mailbox, lambda: START).send(run, Interrupt(id="c1"))
    assert caught.value.code == "session-state"
    assert run.status.value in caught.value.detail


def test_what_no_owner_claims_in_two_seconds_is_taken_back(
    store: Store, organization_id: str, owner: str
) -> None:
    sending = Sending(store, owned(organization_id, owner), after=timedelta(minutes=1))
    with pytest.raises(ConflictError) as caught:
        sending.send(Interrupt(id="c1"))
    assert caught.value.code == "not-claimed"
    assert timedelta(seconds=2) < sending.now - START < timedelta(seconds=2.3)
    # Who wakes up after that finds nothing to do.
    assert store.mailbox.waiting(owner) == []


def test_what_was_claimed_and_is_not_answered_may_have_been_done(
    store: Store, organization_id: str, owner: str
) -> None:
    sending = Sending(store, owned(organization_id, owner), do=claim(store.mailbox))
    with pytest.raises(UnansweredError) as caught:
        sending.send(Interrupt(id="c1"))
    assert caught.value.code == "not-acknowledged"
    # The answer that comes too late is kept for nobody: who sends the same again learns it.
    store.mailbox.acknowledge(letter(owner), None)
    sending.send(Interrupt(id="c1"))


@pytest.mark.parametrize(
    ("most", "of"),
    [
        (MOST_OF_OWNER, lambda n: {"run_id": n, "sender": f"key-{n}"}),
        (MOST_OF_RUN, lambda n: {"sender": f"key-{n}"}),
        (MOST_OF_SENDER, lambda n: {"run_id": n, "sender": "key-0"}),
    ],
    ids=["of an owner", "of a run", "of a sender"],
)
def test_no_more_wait_than_can_be_told_soon(
    store: Store, organization_id: str, owner: str, most: int, of: Callable[[int], dict[str, object]]
) -> None:
    letters = [letter(owner, f"c{number}", **of(number)) for number in range(most)]

    class Full(DynamoMailbox):
        def waiting(self, owner: str) -> list[Letter]:
            return letters[: most - 1] if owner == letters[0].owner else []

    sending = Sending(store, owned(organization_id, owner), do=answer(DynamoMailbox(store.database)))
    commander = Commander(Full(store.database), lambda: sending.now, sending.wait)
    commander.send(sending.run, Interrupt(id="one-more"), sender="key-0")
    most += 1
    with pytest.raises(LimitReachedError) as caught:
        commander.send(sending.run, Interrupt(id="too-many"), sender="key-0")
    assert caught.value.code == "too-many-commands"


def test_a_store_that_is_away_for_a_moment_keeps_nobody_from_the_answer(
    store: Store, organization_id: str, owner: str
) -> None:
    class Away(DynamoMailbox):
        failures = 5

        def get(self, letter: Letter) -> Letter:
            self.failures -= 1
            if self.failures >= 0:
                raise StorageError("The database did not accept the request.")
            return super().get(letter)

    sending = Sending(store, owned(organization_id, owner), do=answer(DynamoMailbox(store.database)))
    mailbox = Away(store.database)
    Commander(mailbox, lambda: sending.now, sending.wait).send(sending.run, Interrupt(id="c1"))
    assert mailbox.failures < 0


def test_no_error_holds_what_was_to_be_said(store: Store, organization_id: str, owner: str) -> None:
    sending = Sending(store, owned(organization_id, owner), after=timedelta(minutes=1))
    with pytest.raises(OffhookError) as caught:
        sending.send(Inject(id="c1", text="The secret of the call"))
    assert "secret" not in caught.value.detail
    assert "secret" not in repr(letter(owner, command=Inject(id="c1", text="The secret of the call")))
