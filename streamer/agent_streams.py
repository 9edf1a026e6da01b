"""Agent Stream: a carrier's call comes in on an address of its own making, and joins or begins its run."""

from dataclasses import dataclass

from offhook.agents.executable import Executable, find_for_stream
from offhook.errors import CarrierError, NotConfiguredError
from offhook.ids import run_name
from offhook.organizations.model import Scope
from offhook.organizations.ports import OrganizationRepository
from offhook.organizations.usecases import authenticate, require_scope
from offhook.runs.carrier.dialect import Dialects
from offhook.runs.carrier.incoming import CallTaker, IncomingCall
from offhook.telephony.ports import CarrierAccount
from offhook.telephony.usecases import open_account
from streamer.conducting import Conducting
from streamer.media import MediaStream, Role
from streamer.record.call_services import CHECK_LIMIT_S, CallServices
from streamer.sockets.handshake import handshake
from streamer.sockets.media_socket import MediaSocket
from streamer.sockets.stream_request import StreamRequest, read_stream_request, stream_dialect

_RUN_NAME_PREFIX, _RUN_NAME_DIGITS = "WR-AGS", 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """The way to the carrier for one call: credentials, and the stored configuration that they come from, if any."""

    account: CarrierAccount
    configuration_id: str | None = None


class AgentStreams:
    """Serves Agent Stream sockets; one instance for all calls of the process."""

    def __init__(
        self,
        services: CallServices,
        conducting: Conducting,
        *,
        organizations: OrganizationRepository,
        taker: CallTaker,
        dialects: Dialects,
    ) -> None:
        self._services = services
        self._conducting = conducting
        self._organizations = organizations
        self._taker = taker
        self._dialects = dialects

    async def serve(self, socket: MediaSocket, match: dict[str, str]) -> None:
        """Conduct the call of one socket; nothing is stored before its handshake and its session are good."""
        request = read_stream_request(
            match["agent_uuid"], match.get("provider"), socket.query, socket.request_headers
        )
        dialect, store = stream_dialect(request, self._dialects), self._services.store_threads
        executable = await store.run(self._executable, request)
        named = dialect.read_account(request.form, request.parameters)
        line = None if named is None else await store.run(self._line, request, executable, named)
        stream = MediaStream(role=Role.AGENT)
        started = await handshake(socket, stream, self._services.handshake_limit_s)
        call = dialect.read_call(request.form, request.parameters, started)
        if line is None:
            line = await store.run(self._line, request, executable, call.account)
        incoming = IncomingCall(
            executable=executable,
            at_carrier=line.account.call(executable.agent.organization_id, call.call_id),
            name=run_name(_RUN_NAME_PREFIX, _RUN_NAME_DIGITS),
            configuration_id=line.configuration_id,
            details=call.details,
        )
        if call.must_be_confirmed and not await self._is_confirmed(incoming, line.account):
            raise CarrierError(f"{dialect.title} session validation failed", code="session-unknown")
        socket.take_place()
        run = await store.run(self._taker.take, incoming, self._services.clock())
        await self._conducting.join(socket, stream, run, call.call_id, line.account)

    def _executable(self, request: StreamRequest) -> Executable:
        """Return what the agent runs; raise UnauthenticatedError, ForbiddenError or NotFoundError."""
        agents = self._services.agents
        if request.api_key is None:
            return find_for_stream(agents, request.agent_uuid, None)
        key = authenticate(self._organizations, request.api_key, self._services.clock())
        require_scope(key, Scope.CALLS_WRITE)
        return find_for_stream(agents, request.agent_uuid, key.organization_id)

    def _line(self, request: StreamRequest, executable: Executable, named: CarrierAccount | str) -> _Line:
        """Return the way to the carrier; raise NotConfiguredError when the organization has none for the account."""
        if isinstance(named, CarrierAccount):
            return _Line(account=named)
        for configuration in self._services.telephony.list(executable.agent.organization_id):
            if (configuration.provider, configuration.account) == (request.provider, named):
                account = open_account(self._services.secret_box, configuration)
                return _Line(account=account, configuration_id=configuration.id)
        title = self._dialects.of(request.provider or "").credentials.title
        raise NotConfiguredError(f"Unknown {title} domain", code="domain-unknown")

    async def _is_confirmed(self, call: IncomingCall, account: CarrierAccount) -> bool:
        """Ask for the call's run first: whoever comes again was confirmed before. Raises CarrierError."""
        if await self._services.store_threads.run(self._taker.has_run, call):
            return True
        call_id = call.at_carrier.call_id
        return await self._services.carrier.ask(
            lambda carrier: carrier.is_live(account, call_id, is_proved=False), within_s=CHECK_LIMIT_S
        )
