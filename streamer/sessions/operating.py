"""Doing to a call of this process what somebody wants done to it."""

from collections.abc import Iterator
from typing import assert_never

from offhook.sessions.commands import Command, Dtmf, End, Inject, Interrupt, Refusal, Steer
from streamer.call import events
from streamer.live_calls import LiveCall

_NOT_STEERED = Refusal(
    code="not-steerable",
    detail="Voice and temperature stay as the agent's settings say for the whole call: steer by instructions and mute.",
)


async def operate(call: LiveCall, command: Command) -> Refusal | None:
    """Do this to the call; return once the log holds what was done, or why it was not."""
    if isinstance(command, End):
        call.conductor.end(command.reason)
        await call.record.until_end_is_told()
    elif (refusal := _refusal(call, command)) is not None:
        return refusal
    await call.record.flush()
    return None


def _refusal(call: LiveCall, command: Inject | Interrupt | Dtmf | Steer) -> Refusal | None:
    """Tell the call what is wanted of it, as far as it takes that."""
    if isinstance(command, Steer) and (command.voice is not None or command.temperature is not None):
        return _NOT_STEERED
    first, *more = _events(command)
    refused = call.conductor.operate(first)
    if refused is None:
        # Where a key leads away from whoever hears keys, those after it go nowhere, as the caller's would.
        for event in more:
            call.conductor.operate(event)
    return refused


def _events(command: Inject | Interrupt | Dtmf | Steer) -> Iterator[events.OperatorEvent]:
    match command:
        case Inject():
            yield events.Injected(
                inject_id=command.id, role=command.role, text=command.text, interrupt=command.interrupt
            )
        case Interrupt():
            yield events.Interrupted()
        case Dtmf():
            yield from (events.KeyPressed(key=digit) for digit in command.digits)
        case Steer():
            yield events.Steered(instructions=command.instructions, mute=command.mute)
        case _:
            assert_never(command)
