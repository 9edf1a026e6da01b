"""Phone calls of runs that exist: from the token of a media socket to the finished run."""

from offhook.errors import OwnershipLostError
from offhook.runs.model import Run
from offhook.telephony.ports import CarrierAccount
from offhook.telephony.usecases import open_account
from streamer.conducting import Conducting
from streamer.media import MediaStream, Role
from streamer.record.call_services import CallServices
from streamer.sockets.handshake import handshake
from streamer.sockets.media_socket import MediaSocket

_MOST_DIGITS = 16


class PhoneCalls:
    """Serves the media sockets of runs; one instance for all calls of the process."""

    def __init__(self, services: CallServices, conducting: Conducting) -> None:
        self._services = services
        self._conducting = conducting

    async def serve(self, socket: MediaSocket, match: dict[str, str]) -> None:
        """Conduct the call of one media socket; nothing is stored before its handshake is good."""
        run_id = _number(match["run_id"])
        number = self._services.links.media_stream_number(run_id, match["token"])
        stream = MediaStream(role=Role.AGENT)
        started = await handshake(socket, stream, self._services.handshake_limit_s)
        run = await self._services.keeper.get(run_id)
        if run.stream_number > number:
            raise OwnershipLostError("A newer stream of this run has begun.")
        socket.take_place()
        account = await self._services.store_threads.run(self._account, run)
        call_id = started.session or run.telephony.call_id
        await self._conducting.join(socket, stream, run, call_id, account)

    def _account(self, run: Run) -> CarrierAccount | None:
        if run.telephony.configuration_id is None:
            return None
        configuration = self._services.telephony.get(run.organization_id, run.telephony.configuration_id)
        return open_account(self._services.secret_box, configuration)


def _number(text: str) -> int:
    """Read a run's id from a path; 0, which no run has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0
