"""Actions of what a caller leaves our stream for: to be put through, or for keys that are pressed on their line.

On the floor TRANSFER the caller can't interrupt; on AWAY nobody hears us.
"""

from offhook.runs.end_reasons import EndReason
from offhook.runs.log.events import InterruptedBy, ToolResultStatus
from offhook.runs.model import TransferStatus
from offhook.workflows import Handoff, Happening, SendDigits, Transfer, TransferMode
from streamer.call import commands
from streamer.call.actions.acting import transfer_is_over
from streamer.call.actions.ending import caller_leaves, drain_is_over, stop_now
from streamer.call.actions.going_without import go_on_without
from streamer.call.actions.handing_on import hand_on, successor_tarries
from streamer.call.course.course import Course
from streamer.call.course.transfers import MOST_TRANSFERS
from streamer.call.events import DrainOver, EndRequested, TransferFailed
from streamer.call.floor import Floor

_DIGITS = frozenset("0123456789*#ABCDabcdwW")
_MOST_DIGITS = 64


def words_before_heard(call: Course, _: object) -> None:
    """Put the caller through, hand them on, or press the keys, once the node's words are heard."""
    # From here on the silence counts that the caller waits in.
    call.move(Floor.TRANSFER)
    if call.transfers.is_moving:
        return
    if call.transfers.open is not None:
        call.out += call.transfers.dial()
        return
    match call.talk.errand:
        case Handoff() as wanted:
            hand_on(call, wanted)
        case Transfer() as wanted:
            _dial(call, wanted)
        case SendDigits() as wanted:
            _send_digits(call, wanted)


def _dial(call: Course, transfer: Transfer) -> None:
    if call.transfers.are_used_up:
        message = f"One call puts through {MOST_TRANSFERS} times at most."
        call.note_error("too-many-transfers", message, recoverable=True)
        go_on_without(call, transfer)
    else:
        fill = call.talk.fill
        wanted = transfer.model_copy(update={"to": fill(transfer.to), "summary": fill(transfer.summary)})
        call.out += [*call.transfers.begin(wanted), *call.transfers.dial()]


def hold_on(call: Course, _: object) -> None:
    """Tell a caller who waits that we are still trying; no other agent is waited for any longer."""
    call.move(Floor.TRANSFER)
    if call.handoffs.open is not None:
        successor_tarries(call)
    if call.transfers.open is not None:
        call.say(call.talk.sentences(call.transfers.open.hold_say))


def transfer_answered(call: Course, _: object) -> None:
    """Fall silent, since the caller is about to be moved to the other person."""
    call.transfers.is_moving = True
    call.out += call.agent.stop(InterruptedBy.AGENT, call.now_ms)
    call.agent.unheard = []
    call.out.append(call.transfers.record(TransferStatus.ANSWERED, TransferMode.WARM))


def transfer_leaves(call: Course, _: object) -> None:
    """Say no more: the caller has left our stream."""
    call.out += call.agent.stop(InterruptedBy.AGENT, call.now_ms)
    call.move(Floor.AWAY)


def transfer_fails(call: Course, event: TransferFailed) -> None:
    """Go on with a caller who could not be put through, or is gone meanwhile."""
    transfer = call.transfers.open
    if call.transfers.stream_is_over:
        caller_leaves(call, event)
    elif transfer is None:
        _end_without_digits(call, event.reason)
    else:
        call.out += call.transfers.end(TransferStatus.FAILED, transfer.mode, event.reason)
        go_on_without(call, transfer)


def transfer_completes(call: Course, _: object) -> None:
    """Close the call's record: the caller is with the other person."""
    if call.transfers.open is not None:
        call.out += call.transfers.end(TransferStatus.COMPLETED, call.transfers.open.mode)
        transfer_is_over(call, ToolResultStatus.OK, "The caller was put through.")
        call.disposition = call.talk.node.data.disposition or call.disposition
        call.close(EndReason.TRANSFERRED)


def drain_ends_wait(call: Course, event: DrainOver) -> None:
    """Give up the transfer, unless the carrier takes the caller out of our stream at this moment."""
    if not call.transfers.is_moving:
        drain_is_over(call, event)


def stop_away(call: Course, event: EndRequested) -> None:
    """End a call whose caller is away: with the other person, if they were to be put through."""
    if call.transfers.open is None:
        stop_now(call, event)
    else:
        transfer_completes(call, event)


def stream_ends(call: Course, _: object) -> None:
    """Take the end of the stream for a hang-up, unless the carrier was told to take the caller out of it.

    Then it is its answer that tells which of the two it was.
    """
    if call.transfers.is_moving:
        call.transfers.stream_is_over = True
    else:
        caller_leaves(call, _)


def _send_digits(call: Course, wanted: SendDigits) -> None:
    """Press the node's keys; the next stream begins where the edge leads."""
    edge = call.talk.edge_when(Happening.DIGITS_SENT)
    digits = "".join(key for key in call.talk.fill(wanted.digits) if key in _DIGITS)
    if not digits or edge is None:
        _end_without_digits(call, "no-digits")
        return
    call.transfers.is_moving = True
    call.go(edge, {}, reason=Happening.DIGITS_SENT)
    call.out.append(commands.SendDigits(digits=digits[:_MOST_DIGITS]))


def _end_without_digits(call: Course, code: str) -> None:
    call.note_error(code, "The keys could not be pressed on the caller's line.")
    call.end(EndReason.ERROR, say=call.settings.error_goodbye)
