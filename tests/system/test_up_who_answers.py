"""Who answers, in a whole install: the trigger, the streamer, offline speech, and the machines of the simulated carrier."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import httpx
import pytest

from tests.support.processes import wait_for
from tests.support.whole_install import CALL_LIMIT_S, Document, WholeInstall

pytestmark = pytest.mark.timeout(240)

PERSON, VOICEMAIL = "+15555550100", "+15555550109"
SCREENING, SCREENING_IN_VAIN = "+15555550116", "+15555550117"
MENU, NOT_IN_SERVICE = "+15555550118", "+15555550119"

HANGS_UP: Document = {"action": "hang_up"}
LEAVES: Document = {"action": "leave_message", "message": "Please call {{customer_name}} back."}
INTRODUCES: Document = {"action": "introduce", "message": "This is the clinic, for {{customer_name}}."}
PRESSES: Document = {"action": "press_keys", "keys": "1"}
GREETING = "Hello Ada, does Monday suit you?"
MESSAGE, INTRODUCTION = "Please call Ada back.", "This is the clinic, for Ada."


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A number, what the agent's settings say, and what comes of the call: who was told, the end, the last words."""

    number: str
    answered_by: Document
    told: tuple[str, ...]
    ending: tuple[str, str]
    last_words: str


ALL: Document = {"voicemail": LEAVES, "screening": INTRODUCES, "menu": PRESSES}
CONFIRMED = ("end_call", "confirmed")
CASES = {
    "person": Case(
        number=PERSON, answered_by=ALL, told=("person",), ending=CONFIRMED, last_words="Thank you. Goodbye."
    ),
    "voicemail, leave_message": Case(
        number=VOICEMAIL,
        answered_by=ALL,
        told=("voicemail",),
        ending=("voicemail_detected", "voicemail"),
        last_words=MESSAGE,
    ),
    "voicemail, hang_up": Case(
        number=VOICEMAIL,
        answered_by={"voicemail": {**HANGS_UP, "disposition": "machine"}},
        told=("voicemail",),
        ending=("voicemail_detected", "machine"),
        last_words="",
    ),
    "screening, introduce": Case(
        number=SCREENING,
        answered_by=ALL,
        told=("screening", "person"),
        ending=CONFIRMED,
        last_words="Thank you. Goodbye.",
    ),
    "screening, introduce in vain": Case(
        number=SCREENING_IN_VAIN,
        answered_by=ALL,
        told=("screening", "voicemail"),
        ending=("voicemail_detected", "voicemail"),
        last_words=MESSAGE,
    ),
    "screening, introduce in vain, without a message": Case(
        number=SCREENING_IN_VAIN,
        answered_by={"screening": INTRODUCES},
        told=("screening",),
        ending=("call_screened", "screened"),
        last_words=INTRODUCTION,
    ),
    "screening, hang_up": Case(
        number=SCREENING,
        answered_by={"screening": HANGS_UP},
        told=("screening",),
        ending=("call_screened", "screened"),
        last_words="",
    ),
    "menu, press_keys": Case(
        number=MENU,
        answered_by=ALL,
        told=("menu", "person"),
        ending=CONFIRMED,
        last_words="Thank you. Goodbye.",
    ),
    "menu, hang_up": Case(
        number=MENU,
        answered_by={"menu": HANGS_UP},
        told=("menu",),
        ending=("menu_reached", "menu"),
        last_words="",
    ),
    "not in service, hang_up": Case(
        number=NOT_IN_SERVICE,
        answered_by={},
        told=("not_in_service",),
        ending=("number_not_in_service", "not_in_service"),
        last_words="",
    ),
}
# The offline recogniser is told to expect machines only where something is done about them, so it hears none of these.
TALKED_TO = {
    "voicemail, talk": VOICEMAIL,
    "screening, talk": SCREENING,
    "menu, talk": MENU,
    "not in service, talk": NOT_IN_SERVICE,
}
# The carrier takes ten requests in ten seconds, of which each call needs two or three.
AT_ONCE = 4
TALKS: Document = {"not_in_service": {"action": "talk"}}


def agent(name: str, answered_by: Document) -> Document:
    def node(id_: str, type_: str, **data: str) -> Document:
        return {"id": id_, "type": type_, "data": {"name": id_, **data}}

    nodes = [
        node("ask", "startCall", say="Hello {{customer_name}}, does Monday suit you?"),
        node("bye", "endCall", say="Thank you. Goodbye.", disposition="confirmed"),
    ]
    edge = {"id": "yes", "source": "ask", "target": "bye", "data": {"phrases": ["yes", "yes that works"]}}
    settings = {"answered_by": answered_by, "idle_timeout_ms": 4000, "idle_prompts": [], "misunderstood": []}
    return {
        "name": name,
        "workflow_definition": {"nodes": nodes, "edges": [edge]},
        "settings": settings,
    }


def call(install: WholeInstall, name: str, number: str, answered_by: Document) -> int:
    """Have an agent with these settings call; return the run's id."""
    made = install.http.post("/api/v1/agents", json=agent(name, answered_by))
    assert made.status_code == 201, made.text
    uuid = made.json()["uuid"]
    assert install.http.post(f"/api/v1/agents/{uuid}/publish").is_success
    body = {"phone_number": number, "initial_context": {"customer_name": "Ada"}}
    replies: list[httpx.Response] = []

    def is_placed() -> bool:
        # The carrier's pace may refuse it for some seconds.
        replies.append(install.http.post(f"/api/v1/public/agent/workflow/{uuid}", json=body))
        assert replies[-1].status_code in (200, 429), replies[-1].text
        return replies[-1].is_success

    wait_for(is_placed, CALL_LIMIT_S)
    run_id: int = replies[-1].json()["workflow_run_id"]
    return run_id


Ended = Callable[[str], tuple[Document, list[Document]]]


@pytest.fixture(scope="module")
def ended(shared_install: WholeInstall) -> Iterator[Ended]:
    """Place all calls, a few at once; return what waits for one's end, and gives its run and its events."""
    cases = [(name, case.number, case.answered_by) for name, case in CASES.items()]
    cases += [(name, number, TALKS) for name, number in TALKED_TO.items()]
    placed: dict[str, int] = {}

    @cache
    def over(name: str) -> tuple[Document, list[Document]]:
        return shared_install.wait_until_over(placed[name]), shared_install.events(placed[name])

    for index, (name, number, answered_by) in enumerate(cases):
        if index >= AT_ONCE:
            over(cases[index - AT_ONCE][0])
        placed[name] = call(shared_install, name, number, answered_by)
    yield over
    for name in placed:
        over(name)


def told(events: list[Document], type_: str) -> list[Document]:
    return [event["data"] for event in events if event["type"] == type_]


def heard(events: list[Document]) -> list[str]:
    """Return the agent's sentences that were heard to their end."""
    whole = {data["segment_id"] for data in told(events, "playback") if data["state"] == "finished"}
    return [data["text"] for data in told(events, "transcript") if data["segment_id"] in whole]


@pytest.mark.parametrize("name", CASES)
def test_who_answers_is_dealt_with_as_the_settings_say(ended: Ended, name: str) -> None:
    case = CASES[name]
    run, events = ended(name)
    kinds = [data["answered_by"] for data in told(events, "answered-by")]
    assert (*kinds,) == case.told
    assert run["answered_by"] == case.told[-1]
    assert (run["end_reason"], run["disposition"]) == case.ending
    assert run["status"] == "completed"
    said = heard(events)
    assert " ".join(said[-len(case.last_words.split(". ")) :] if case.last_words else said) == case.last_words


@pytest.mark.parametrize("name", ["screening, introduce", "menu, press_keys"])
def test_a_person_who_comes_after_a_machine_hears_the_whole_greeting(ended: Ended, name: str) -> None:
    _, events = ended(name)
    assert GREETING in heard(events)
    said = [data["text"] for data in told(events, "transcript")]
    assert said[-4:-2] == [GREETING, "yes that works"]
    assert said[said.index("hello") + 1] == GREETING


@pytest.mark.parametrize("name", TALKED_TO)
def test_a_machine_that_is_talked_to_is_one_more_caller(ended: Ended, name: str) -> None:
    run, events = ended(name)
    assert run["end_reason"] in ("user_idle_max_duration_exceeded", "not_understood", "end_call")
    assert heard(events)
