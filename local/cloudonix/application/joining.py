"""Carrying out Dial: a second telephone is rung and joined with the call, or the call takes a seat in a room."""

import asyncio
import secrets
from collections.abc import Mapping
from enum import StrEnum

from local.cloudonix.application.call import Call
from local.cloudonix.application.voice_request import Onward
from local.cloudonix.cxml.verbs import DialConference, DialNumber
from local.cloudonix.dial import DialledNumber, names_of, now_ms
from local.cloudonix.people import pick_up, prepare_speech
from local.cloudonix.phones.rooms import Room
from local.people.scripts import CallerScript, Pickup


class DialCallStatus(StrEnum):
    """How a Dial ended, in the words of its action."""

    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"


_UNANSWERED = {
    Pickup.BUSY: DialCallStatus.BUSY,
    Pickup.DECLINES: DialCallStatus.BUSY,
    Pickup.NO_ANSWER: DialCallStatus.NO_ANSWER,
    Pickup.FAILS: DialCallStatus.FAILED,
    Pickup.CONGESTION: DialCallStatus.FAILED,
}


async def dial_number(call: Call, verb: DialNumber) -> Onward | None:
    """Ring a telephone, join it with the call until either hangs up; return where the call goes on."""
    script = call.around.script_for(verb.number)
    speech = await prepare_speech(script, call.around)
    status, answered_ms = await _ring(call, verb, script), now_ms()
    dialled = DialledNumber(
        number=verb.number, caller_id=verb.caller_id or call.dial.caller, status=status.value
    )
    call.record.dialled.append(dialled)
    if status is not DialCallStatus.COMPLETED:
        return _onward(verb, status, None)
    await _talk(call, verb, script, speech)
    return _onward(verb, status, answered_ms)


async def join_conference(call: Call, verb: DialConference) -> Onward | None:
    """Sit in a room until it ends; return where the call goes on."""
    domain, rooms, joined_ms = call.dial.domain, call.around.rooms, now_ms()
    room = rooms.room(domain, verb.room)
    _tell(call, verb, "join")
    try:
        await _sit(call, room, room.ended, verb.time_limit_seconds)
    finally:
        if verb.ends_on_exit:
            room.ended.set()
        rooms.tidy(domain, verb.room)
        _tell(call, verb, "leave")
    return _onward(verb, DialCallStatus.COMPLETED, joined_ms)


async def _ring(call: Call, verb: DialNumber, script: CallerScript) -> DialCallStatus:
    if script.pickup in (Pickup.BUSY, Pickup.DECLINES, Pickup.FAILS, Pickup.CONGESTION):
        return _UNANSWERED[script.pickup]
    is_answered = script.pickup is Pickup.ANSWERS
    rings = call.around.ring_seconds if is_answered else call.around.no_answer_seconds
    await asyncio.sleep(min(rings, verb.timeout_seconds))
    return (
        DialCallStatus.COMPLETED
        if is_answered and rings <= verb.timeout_seconds
        else DialCallStatus.NO_ANSWER
    )


async def _talk(call: Call, verb: DialNumber, script: CallerScript, speech: Mapping[str, bytes]) -> None:
    over, room = asyncio.Event(), Room()
    # Not the call's token: whoever watches tells the two people apart.
    token = secrets.token_hex(16)
    phone = pick_up(
        script,
        speech,
        call.around,
        on_event=lambda event: call.around.on_event(token, event),
        on_hang_up=over.set,
    )
    async with asyncio.TaskGroup() as tasks:
        clock = tasks.create_task(phone.run())
        room.join(phone)
        await _sit(call, room, over, verb.time_limit_seconds)
        clock.cancel()


async def _sit(call: Call, room: Room, over: asyncio.Event, limit_seconds: float | None) -> None:
    seat = room.join(call.phone)
    try:
        async with asyncio.timeout(limit_seconds) as limit:
            await over.wait()
    except TimeoutError:
        if not limit.expired():
            raise
    finally:
        room.leave(seat, call.phone)


def _tell(call: Call, verb: DialConference, event: str) -> None:
    if event in verb.status_events:
        body = names_of(call.dial, call.record) | {
            "ConferenceName": verb.room,
            "StatusCallbackEvent": f"participant-{event}",
            "Timestamp": now_ms(),
        }
        call.callbacks.post(verb.status_callback, body)


def _onward(verb: DialNumber | DialConference, status: DialCallStatus, since_ms: int | None) -> Onward | None:
    if verb.action is None:
        return None
    seconds = 0 if since_ms is None else (now_ms() - since_ms) // 1000
    return Onward(redirect=verb.action, fields={"DialCallStatus": status.value, "DialCallDuration": seconds})
