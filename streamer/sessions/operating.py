"""Doing to a call of this process what somebody wants done to it."""

from collections.abc import Iterator
from typing import assert_never

from offhook.sessions.commands import Command, Dtmf, End, Inject, Interrupt, Refusal, Steer, Transfer
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
    elif (refusal := await _refusal(call, command)) is not None:
        return refusal
    await call.record.flush()
    return None


async def _refusal(call: LiveCall, command: Inject | Interrupt | Dtmf | Steer | Transfer) -> Refusal | None:
    """Tell the call what is wanted of it, as far as it takes that."""
    if isinstance(command, Steer) and (command.voice is not None or command.temperature is not None):
        return _NOT_STEERED
    if isinstance(command, Transfer):
        # Nobody is told that they are put through to where no call may go.
        refusal = await call.record.refusal_of_transfer(command.to, command.mode)
        if refusal is not None:
            return refusal
    first, *more = _events(command)
    refused = call.conductor.operate(first)
    if refused is None:
        # Where a key leads away from whoever hears keys, those after it go nowhere, as the caller's would.
        for event in more:
            call.conductor.operate(event)
    return refused


def _events(command: Inject | Interrupt | Dtmf | Steer | Transfer) -> Iterator[events.OperatorEvent]:
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
        case Transfer():
            yield events.TransferRequested(
                command_id=command.id,
                to=command.to,
                mode=command.mode,
                summary=command.summary,
                say=command.say,
                timeout_seconds=command.timeout_seconds,
            )
        case _:
            assert_never(command)
