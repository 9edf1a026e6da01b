"""Agent Stream: a carrier's call comes in on an address of its own making, and joins or begins its run."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from offhook.agents.usecases import Executable, find_for_stream
from offhook.errors import CarrierError, InvalidInputError, NotConfiguredError
from offhook.ids import run_name
from offhook.json_types import JsonObject
from offhook.organizations.model import Scope
from offhook.organizations.ports import OrganizationRepository
from offhook.organizations.usecases import authenticate, require_scope
from offhook.runs.carrier.incoming import CallTaker, IncomingCall
from offhook.runs.model import Direction
from offhook.telephony.model import TelephonyConfiguration, normalise_cloudonix_domain
from offhook.telephony.ports import CarrierAccount
from offhook.telephony.usecases import open_account
from streamer.media import MediaStream, Role, Started
from streamer.phone_calls import PhoneCalls
from streamer.record.call_services import CallServices
from streamer.sockets.handshake import handshake
from streamer.sockets.media_socket import MediaSocket
from streamer.sockets.stream_request import (
    Form,
    StreamRequest,
    check_credentials,
    check_provider,
    read_stream_request,
)

_RUN_NAME_PREFIX, _RUN_NAME_DIGITS = "WR-AGS", 8
_DIALLED_OUT = "outbound-api"
# What only the system says in a run's initial context; a carrier's custom parameters can't say otherwise.
_STAMPS = ("caller_number", "called_number", "direction", "provider", "workflow_run_id", "agent_uuid")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """The way to the carrier for one call: credentials, and the stored configuration that they come from, if any."""

    account: CarrierAccount
    configuration_id: str | None = None


class AgentStreams:
    """Serves Agent Stream sockets; one instance for all calls of the process."""

    def __init__(
        self,
        calls: PhoneCalls,
        services: CallServices,
        *,
        organizations: OrganizationRepository,
        taker: CallTaker,
    ) -> None:
        self._calls = calls
        self._services = services
        self._organizations = organizations
        self._taker = taker

    async def serve(self, socket: MediaSocket, match: dict[str, str]) -> None:
        """Conduct the call of one socket; nothing is stored before its handshake and its session are good."""
        request = read_stream_request(
            match["agent_uuid"], match.get("provider"), socket.query, socket.request_headers
        )
        check_provider(request)
        store = self._services.store_threads
        executable = await store.run(self._executable, request)
        check_credentials(request)
        line = None if request.form is Form.PROVIDER else await store.run(self._line, request, executable)
        stream = MediaStream(role=Role.AGENT)
        started = await handshake(socket, stream, self._services.handshake_limit_s)
        request = _with_start(request, started)
        if line is None:
            line = await store.run(self._line, request, executable)
        session = await self._session(request, started, line)
        socket.take_place()
        call = _incoming_call(request, started, executable, line, session)
        run = await store.run(self._taker.take, call, self._services.clock())
        await self._calls.join(socket, stream, run, session, line.account)

    def _executable(self, request: StreamRequest) -> Executable:
        """Return what the agent runs; raise UnauthenticatedError, ForbiddenError or NotFoundError."""
        agents = self._services.agents
        if request.api_key is None:
            return find_for_stream(agents, request.agent_uuid, None)
        key = authenticate(self._organizations, request.api_key, self._services.clock())
        require_scope(key, Scope.CALLS_WRITE)
        return find_for_stream(agents, request.agent_uuid, key.organization_id)

    def _line(self, request: StreamRequest, executable: Executable) -> _Line:
        """Return the way to the carrier; raise NotConfiguredError when the organization has none for the domain."""
        if request.inline_account is not None:
            return _Line(account=request.inline_account)
        configuration = self._configuration(executable.agent.organization_id, request.domain or "")
        account = open_account(self._services.secret_box, configuration)
        return _Line(account=account, configuration_id=configuration.id)

    def _configuration(self, organization_id: str, domain: str) -> TelephonyConfiguration:
        wanted = normalise_cloudonix_domain(domain)
        for configuration in self._services.telephony.list(organization_id):
            if configuration.cloudonix_domain == wanted:
                return configuration
        raise NotConfiguredError("Unknown Cloudonix domain", code="domain-unknown")

    async def _session(self, request: StreamRequest, started: Started, line: _Line) -> str:
        """Return the carrier's REST id of the call, which the carrier has confirmed where the form asks for it."""
        if request.form is Form.INLINE:
            return started.session or request.call_sid or started.call_sid
        if started.session is None:
            raise InvalidInputError("Missing stream identifiers", code="session-missing")
        if not await self._is_live(line.account, started.session):
            raise CarrierError("Cloudonix session validation failed", code="session-unknown")
        return started.session

    async def _is_live(self, account: CarrierAccount, session: str) -> bool:
        """Ask the carrier, as soon as its rate limit allows if that is soon; raise CarrierError."""
        services, loop = self._services, asyncio.get_running_loop()
        deadline_s = loop.time() + services.check_limit_s
        while True:
            try:
                return await services.carrier_threads.run(services.carrier.is_live, account, session)
            except CarrierError as error:
                wait_s = error.retry_after_seconds
                if wait_s is None or loop.time() + wait_s > deadline_s:
                    raise
            await asyncio.sleep(wait_s)


def _with_start(request: StreamRequest, started: Started) -> StreamRequest:
    """Add what only `start` says: in the address with the provider everything, in the others what they left out."""
    return replace(
        request,
        domain=request.domain or started.account_sid,
        caller=request.caller or started.caller or None,
        called=request.called or started.called or None,
    )


def _incoming_call(
    request: StreamRequest, started: Started, executable: Executable, line: _Line, session: str
) -> IncomingCall:
    return IncomingCall(
        executable=executable,
        cloudonix_domain=line.account.cloudonix_domain,
        session=session,
        name=run_name(_RUN_NAME_PREFIX, _RUN_NAME_DIGITS),
        configuration_id=line.configuration_id,
        caller=request.caller,
        called=request.called,
        initial_context=_initial_context(request, started),
        gathered_context=_gathered_context(request, started, session),
        logs={} if request.form is Form.INLINE else {"inbound_webhook": _announcement(request, started)},
    )


def _initial_context(request: StreamRequest, started: Started) -> JsonObject:
    stamps: JsonObject = {
        "provider": "cloudonix",
        "direction": Direction.INBOUND.value,
        "caller_number": request.caller,
        "called_number": request.called,
    }
    if request.form is Form.INLINE:
        stamps |= {"call_id": request.recorded_call_id, "account_id": request.account_sid}
    if request.form is Form.PROVIDER:
        is_outbound = started.context == _DIALLED_OUT
        stamps |= {
            "direction": (Direction.OUTBOUND if is_outbound else Direction.INBOUND).value,
            "cloudonix_context": started.context or None,
        }
    own = {name: value for name, value in started.custom_parameters.items() if name not in _STAMPS}
    return {**own, **_known(stamps)}


def _gathered_context(request: StreamRequest, started: Started, session: str) -> JsonObject:
    if request.form is not Form.PROVIDER:
        return _known({"call_id": request.recorded_call_id})
    return {
        "call_id": session,
        "cloudonix_call_sid": started.call_sid,
        "cloudonix_stream_sid": started.stream_sid,
    }


def _announcement(request: StreamRequest, started: Started) -> JsonObject:
    if request.form is Form.DOMAIN:
        return {"domain": request.domain}
    return {
        "domain": normalise_cloudonix_domain(started.account_sid),
        "session": started.session,
        "callSid": started.call_sid,
        "streamSid": started.stream_sid,
        "from": started.caller,
        "to": started.called,
        "context": started.context,
        "tracks": list(started.tracks),
        "mediaFormat": started.media_format,
    }


def _known(document: Mapping[str, object]) -> JsonObject:
    return {name: value for name, value in document.items() if value is not None}  # type: ignore[misc]
