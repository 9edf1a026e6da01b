"""What a client sends: read at once, answered in its order, and refused in words where it may not be."""

import asyncio
import logging
from collections.abc import Callable
from typing import assert_never

from offhook.errors import ConflictError, ForbiddenError, LimitReachedError, OffhookError
from offhook.ids import new_uuid
from offhook.runs.model import Run
from offhook.sessions.client_frames import (
    AudioSentFrame,
    ClientFrame,
    DtmfFrame,
    EndFrame,
    FrameRefusedError,
    InjectFrame,
    InterruptFrame,
    PingFrame,
    PlayedFrame,
    Request,
    StartFrame,
    SteerFrame,
    TransferFrame,
    read_client_frame,
)
from offhook.sessions.commands import Command, Dtmf, End, Inject, Interrupt, Steer, Transfer
from offhook.sessions.frames import Ack, Error, InjectAck, Pong
from offhook.sessions.tokens import TokenScope
from offhook.vocabulary import InjectRole
from streamer.failures import log_failure
from streamer.sessions.commanding import Commanding
from streamer.sessions.line import Hold
from streamer.sessions.session_client import SessionClient
from streamer.sessions.web_calls import WebCalls
from streamer.sockets.close_codes import CloseCode, NoRoomError, closing_for

logger = logging.getLogger(__name__)

_MOST_WAITING = 16
"""Of one client: what was asked for is carried out one by one."""


class Requests:
    """The listener of a session socket; `run` carries out what has to be waited for."""

    def __init__(
        self,
        client: SessionClient,
        run: Run,
        scope: TokenScope,
        *,
        commands: Commanding,
        lines: WebCalls,
        on_started: Callable[[Hold], None],
        on_closed: Callable[[], object],
    ) -> None:
        self._client = client
        self._run = run
        self._scope = scope
        self._commands = commands
        self._lines = lines
        self._on_started = on_started
        self._tell_closed = on_closed
        self._sender = new_uuid()
        self._waiting: asyncio.Queue[Request] = asyncio.Queue(_MOST_WAITING)
        self._hold: Hold | None = None
        self._is_closed = False

    # What the socket calls.

    def on_message(self, data: bytes | str) -> None:
        request_id = None
        try:
            if isinstance(data, bytes):
                self._line().hear(data)
                return
            request = read_client_frame(data)
            request_id = request.id
            self._take(request)
        except FrameRefusedError as error:
            self._refuse(error, error.request_id)
        except OffhookError as error:
            self._refuse(error, request_id)

    def on_closed(self) -> None:
        self._is_closed = True
        if self._hold is not None:
            self._hold.let_go()
        self._tell_closed()

    async def run(self) -> None:
        """Carry out what has to be waited for, in the order in which it was asked for, until cancelled."""
        while True:
            request = await self._waiting.get()
            try:
                await self._carry_out(request)
            except OffhookError as error:
                self._refuse(error, request.id)
            except Exception as error:  # noqa: BLE001 - the top of a request: a call may last beside it
                log_failure(logger, "request failed", error)
                self._refuse(
                    OffhookError("Something went wrong here, and it may not be done.", code="internal-error"),
                    request.id,
                )

    def _take(self, request: Request) -> None:
        match request.frame:
            case PingFrame():
                self._client.send(Pong(request_id=request.id))
            case AudioSentFrame(payload=audio):
                self._line().hear(audio)
            case PlayedFrame(name=name):
                self._line().played(name)
            case _:
                self._queue(request)

    def _queue(self, request: Request) -> None:
        if self._scope is not TokenScope.OPERATE:
            raise ForbiddenError(
                "Your token allows to observe: mint one with the scope streaming-sessions:write.",
                code="scope-required",
            )
        try:
            self._waiting.put_nowait(request)
        except asyncio.QueueFull:
            raise LimitReachedError(
                "Too much is asked for at once: wait for the answers.",
                retry_after_seconds=1,
                code="too-many-requests",
            ) from None

    def _line(self) -> Hold:
        if self._hold is None:
            raise ConflictError("You are not the caller: send start first.", code="not-the-caller")
        return self._hold

    async def _carry_out(self, request: Request) -> None:
        match request.frame:
            case StartFrame() as frame:
                await self._start(request, frame)
            case EndFrame() if self._hold is not None:
                self._hold.hang_up()
                self._client.send(Ack(request_id=request.id))
            case _:
                await self._command(request)

    async def _start(self, request: Request, frame: StartFrame) -> None:
        if self._hold is not None:
            raise ConflictError("You are the caller already.", code="already-started")
        # A call that has begun to be ours is seen through, whether its client stays or not.
        await asyncio.shield(self._client.lasting.create_task(self._take_line(request, frame)))

    async def _take_line(self, request: Request, frame: StartFrame) -> None:
        """Become the caller, or say why not; raises nothing, which would end all that lasts."""
        try:
            hold = await self._lines.start(self._client, self._run, frame)
        except NoRoomError as error:
            self._client.close(CloseCode.TRY_AGAIN_LATER, error.detail)
        except OffhookError as error:
            self._refuse(error, request.id)
        except Exception as error:  # noqa: BLE001 - the top of a request
            log_failure(logger, "web call not begun", error)
            self._client.close(CloseCode.INTERNAL_ERROR, closing_for(error).reason)
        else:
            self._become_caller(hold)

    def _become_caller(self, hold: Hold) -> None:
        if self._is_closed:
            hold.let_go()
            return
        self._hold = hold
        self._on_started(hold)

    async def _command(self, request: Request) -> None:
        command = _command_of(request.frame)
        await self._commands.carry_out(self._run, command, sender=self._sender)
        is_inject = isinstance(command, Inject)
        self._client.send(
            InjectAck(request_id=request.id, inject_id=command.id)
            if is_inject
            else Ack(request_id=request.id)
        )

    def _refuse(self, error: OffhookError, request_id: str | None) -> None:
        self._client.send(Error(code=error.code, message=error.detail, request_id=request_id))


def _command_of(frame: ClientFrame) -> Command:
    id_ = new_uuid()
    match frame:
        case InjectFrame():
            return Inject(id=id_, text=frame.text, role=InjectRole(frame.role), interrupt=frame.interrupt)
        case InterruptFrame():
            return Interrupt(id=id_)
        case DtmfFrame():
            return Dtmf(id=id_, digits=frame.digits.upper())
        case SteerFrame():
            return Steer(id=id_, **frame.model_dump())
        case TransferFrame():
            return Transfer(id=id_, **frame.model_dump())
        case EndFrame():
            return End(id=id_)
        case StartFrame() | AudioSentFrame() | PlayedFrame() | PingFrame():
            raise TypeError("these are no commands")
        case _:
            assert_never(frame)
