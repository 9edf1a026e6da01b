"""The streamer's composition root: ports in, phone calls out."""

import asyncio
from dataclasses import dataclass

from offhook.errors import NotConfiguredError
from offhook.ids import new_process_id
from offhook.ports import Ports
from offhook.runs.carrier.incoming import CallTaker
from offhook.sessions.mailbox import Commander
from offhook.tools.presenting import Wallet
from streamer.agent_streams import AgentStreams
from streamer.conducting import Conducting
from streamer.conductor.playout import Pacer
from streamer.engine_room import EngineRoom, make_engine_room
from streamer.live_calls import LiveCalls
from streamer.phone_calls import PhoneCalls
from streamer.record.blocking import Archive, CarrierDesk
from streamer.record.call_services import CallServices
from streamer.record.possession import RunKeeper
from streamer.record.pre_call_fetch import PreCallFetch
from streamer.record.shelf import Shelf
from streamer.record.threads import Threads
from streamer.sessions.commanding import Commanding
from streamer.sessions.feeds import Feeds
from streamer.sessions.follower import Follower
from streamer.sessions.gate import SessionGate
from streamer.sessions.listening import Listening
from streamer.sessions.mailroom import Mailroom
from streamer.sessions.relay import PATH as RELAY_PATH
from streamer.sessions.relay import RelayGate, Relays, RelayTokens
from streamer.sessions.session_sockets import SessionSockets
from streamer.sessions.web_calls import WebCalls
from streamer.sockets.server import Route
from streamer.tools.catalogue import Catalogue
from streamer.tools.knowledge import Library
from streamer.tools.meaning import MeaningMaker

_STORE_THREADS = 16
_SESSION_THREADS = 8
_GATE_THREADS = 4
_MAILBOX_THREADS = 4
_COMMAND_THREADS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """What serves the sockets of calls, by `routes`, and what goes on beside them."""

    routes: tuple[Route, ...]
    live_calls: LiveCalls
    agent_streams: AgentStreams
    mailroom: Mailroom
    relays: Relays
    services: CallServices

    async def run_beside(self, address: str) -> None:
        """Do until cancelled what goes on beside the sockets; `address` is where others of the install reach us."""
        self.services.keeper.address = address
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.mailroom.run())
            tasks.create_task(self.relays.run())


async def make_calls(ports: Ports, pacer: Pacer, *, engines: EngineRoom | None = None) -> Calls:
    """Connect to everything that calls need; raise NotConfiguredError or StorageError."""
    _check(ports)
    services = make_services(ports)
    await services.store_threads.run(ports.store.warm)
    if engines is None:
        await services.store_threads.run(ports.models.warm)
        engines = make_engine_room(ports.settings, ports.models, ports.store.quotas)
    return compose(ports, services, pacer, engines)


def make_services(ports: Ports) -> CallServices:
    """Return what phone calls need, under an owner's name of its own."""
    store, store_threads = ports.store, Threads("store", size=_STORE_THREADS)
    wallet = Wallet(credentials=store.credentials, secret_box=ports.secret_box)
    return CallServices(
        keeper=RunKeeper(
            ender=ports.ender,
            log=store.events,
            threads=store_threads,
            clock=ports.clock,
            owner=new_process_id(),
        ),
        agents=store.agents,
        telephony=store.telephony,
        tools=store.tools,
        knowledge=store.knowledge,
        catalogue=Catalogue(courier=ports.courier, wallet=wallet, library=_library(ports)),
        secret_box=ports.secret_box,
        # A check waits for its place in the event loop: a thread that slept would be missing for hang-ups.
        carrier=CarrierDesk(ports.impatient_carrier),
        archive=Archive(ports.media, ports.settler),
        shelf=Shelf(ports.media),
        pre_call_fetch=PreCallFetch(
            ports.courier, wallet, clock=ports.clock, install_secret=ports.install_secret.current
        ),
        links=ports.links,
        clock=ports.clock,
        store_threads=store_threads,
        mailbox_threads=Threads("mailbox", size=_MAILBOX_THREADS),
        command_threads=Threads("commands", size=_COMMAND_THREADS),
        session_threads=Threads("sessions", size=_SESSION_THREADS),
        # Who comes must not wait behind those who are there already.
        gate_threads=Threads("gate", size=_GATE_THREADS),
        place_limit_s=ports.settings.session_place_seconds,
    )


def _library(ports: Ports) -> Library:
    embedder = ports.embedder
    return Library(ports.media, meaning_of=None if embedder is None else MeaningMaker(embedder, ports.media))


def compose(ports: Ports, services: CallServices, pacer: Pacer, engines: EngineRoom) -> Calls:
    """Put together what serves the sockets."""
    store, keeper, clock = ports.store, services.keeper, services.clock
    live_calls = LiveCalls(pacer)
    conducting = Conducting(services, engines=engines, pacer=pacer, live_calls=live_calls)
    phone_calls = PhoneCalls(services, conducting)
    taker = CallTaker(runs=store.runs, ledgers=store.ledgers, organizations=store.organizations)
    agent_streams = AgentStreams(
        services, conducting, organizations=store.organizations, taker=taker, dialects=ports.dialects
    )
    secret = ports.install_secret
    tokens = RelayTokens(secret.current, secret.others, clock=clock)
    relays = Relays(tokens, runs=store.runs, threads=services.session_threads)
    listening = Listening(live_calls, relays, clock)
    relay_gate = RelayGate(tokens, owner=keeper.owner, live_calls=live_calls, listening=listening)
    session_gate = _session_gate(ports, services, conducting, live_calls, listening)
    return Calls(
        routes=(
            Route("/api/v1/telephony/ws/{run_id}/{token}", phone_calls.serve),
            Route("/api/v1/agent-stream/{agent_uuid}", agent_streams.serve),
            Route("/api/v1/agent-stream/{provider}/{agent_uuid}", agent_streams.serve),
            Route("/api/v1/streaming/sessions/{session_id}/ws", gate=session_gate.ask),
            # For other streamers of the install, and on no route of the edge.
            Route(RELAY_PATH, gate=relay_gate.ask),
        ),
        live_calls=live_calls,
        agent_streams=agent_streams,
        mailroom=Mailroom(
            store.mailbox,
            owner=keeper.owner,
            live_calls=live_calls,
            threads=services.mailbox_threads,
            clock=clock,
        ),
        relays=relays,
        services=services,
    )


def _session_gate(
    ports: Ports,
    services: CallServices,
    conducting: Conducting,
    live_calls: LiveCalls,
    listening: Listening,
) -> SessionGate:
    store, threads, feeds = ports.store, services.session_threads, Feeds()
    services.keeper.on_stored = feeds.stored
    sockets = SessionSockets(
        feeds=feeds,
        follower=Follower(
            log=store.events,
            runs=store.runs,
            threads=threads,
            is_ours=lambda run_id: live_calls.find(run_id) is not None,
        ),
        log=store.events,
        listening=listening,
        threads=threads,
        clock=services.clock,
        commands=Commanding(
            Commander(store.mailbox, services.clock),
            runs=store.runs,
            live_calls=live_calls,
            threads=services.command_threads,
        ),
        lines=WebCalls(services, conducting),
    )
    return SessionGate(
        sockets.serve,
        tokens=ports.session_tokens,
        runs=store.runs,
        threads=services.gate_threads,
        clock=services.clock,
    )


def _check(ports: Ports) -> None:
    if not ports.settings.public_base_url:
        raise NotConfiguredError("Set OFFHOOK_PUBLIC_BASE_URL: the streamer cannot take calls without it.")
    ports.check_install_secret()
